package dev.sluice.analysis.transport;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpHeader;

/** One call under way: collects its answer, up to a bound. */
final class Exchange implements Response.Listener {
    private static final int FIRST_BUFFER = 4_096;

    private final int maxBytes;
    private final CompletableFuture<HttpReply> reply = new CompletableFuture<>();
    private volatile boolean begun;
    private byte[] body = new byte[0];
    private int length;

    Exchange(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** The answer, once it is there. */
    CompletableFuture<HttpReply> reply() {
        return reply;
    }

    /** The first byte is about to be sent. */
    void begun(Request request) {
        begun = true;
    }

    boolean isBegun() {
        return begun;
    }

    @Override
    public void onHeaders(Response response) {
        long announced = response.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH);
        if (announced > maxBytes) {
            tooLarge(response);
        } else if (announced > 0) {
            body = new byte[(int) announced];
        }
    }

    @Override
    public void onContent(Response response, ByteBuffer content) {
        int more = content.remaining();
        if (length + (long) more > maxBytes) {
            tooLarge(response);
            return;
        }
        if (length + more > body.length) {
            body = Arrays.copyOf(body, Math.max(length + more, Math.max(FIRST_BUFFER, 2 * length)));
        }
        content.get(body, length, more);
        length += more;
    }

    @Override
    public void onComplete(Result result) {
        if (result.isFailed()) {
            reply.completeExceptionally(result.getFailure());
        } else {
            Response response = result.getResponse();
            byte[] whole = length == body.length ? body : Arrays.copyOf(body, length);
            reply.complete(
                    new HttpReply(
                            response.getStatus(),
                            name -> Optional.ofNullable(response.getHeaders().get(name)),
                            whole));
        }
    }

    private void tooLarge(Response response) {
        var _ = response.abort(new AnswerTooLargeException(maxBytes));
    }
}
