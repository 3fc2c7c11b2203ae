package dev.sluice.analysis.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpHeader;

/** One call in flight; collects its answer up to a size limit. */
final class Exchange implements Response.Listener {
    private static final int FIRST_BUFFER = 4_096;

    private final int maxBytes;
    private final AnswerMemory memory;
    private final CompletableFuture<HttpReply> reply = new CompletableFuture<>();
    private volatile boolean begun;
    private volatile boolean answered;
    private byte[] body = new byte[0];
    private int length;

    Exchange(int maxBytes, AnswerMemory memory) {
        this.maxBytes = maxBytes;
        this.memory = memory;
    }

    /** Completes with the answer. */
    CompletableFuture<HttpReply> reply() {
        return reply;
    }

    /** Called before the first byte is sent. */
    void begun(Request request) {
        begun = true;
    }

    boolean isBegun() {
        return begun;
    }

    /** Whether any part of an answer has arrived. */
    boolean isAnswered() {
        return answered;
    }

    @Override
    public void onBegin(Response response) {
        answered = true;
    }

    @Override
    public void onHeaders(Response response) {
        if (response.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > maxBytes) {
            abort(response, new AnswerTooLargeException(maxBytes));
        }
    }

    @Override
    public void onContent(Response response, ByteBuffer content) {
        int more = content.remaining();
        if (length + (long) more > maxBytes) {
            abort(response, new AnswerTooLargeException(maxBytes));
            return;
        }
        if (length + more > body.length) {
            int larger = Math.max(length + more, Math.max(FIRST_BUFFER, 2 * length));
            if (!memory.take(larger - body.length)) {
                abort(response, new AnswerTooLargeException());
                return;
            }
            body = Arrays.copyOf(body, larger);
        }
        content.get(body, length, more);
        length += more;
    }

    @Override
    public void onComplete(Result result) {
        memory.giveBack(body.length);
        if (result.isFailed()) {
            reply.completeExceptionally(result.getFailure());
            return;
        }
        Response response = result.getResponse();
        byte[] whole = length == body.length ? body : Arrays.copyOf(body, length);
        reply.complete(
                new HttpReply(
                        response.getStatus(),
                        name -> Optional.ofNullable(response.getHeaders().get(name)),
                        whole));
    }

    private static void abort(Response response, IOException cause) {
        var _ = response.abort(cause);
    }
}
