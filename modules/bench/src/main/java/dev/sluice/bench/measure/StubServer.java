package dev.sluice.bench.measure;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A stub of a model provider that always sends the same reply after a delay. It runs on one thread
 * and is as fast as possible, so that the client limits the measurement. Below {@code /0} it
 * replies at once; a request may have its own delay ({@link Delay}).
 */
public final class StubServer {
    /** Size of the default reply in bytes. */
    public static final int REPLY_BYTES = 1_024;

    private static final Pattern LENGTH = Pattern.compile("content-length: *(\\d+)");
    private static final int LARGEST_REQUEST = 1 << 20;

    private static final int STRAGGLER = 100;

    /** What providers send besides; the limits are too high to matter. */
    private static final String HEADERS =
            """
            Date: Tue, 01 Dec 2026 12:00:00 GMT
            openai-version: 2020-10-01
            openai-processing-ms: 1000
            x-request-id: req_0123456789abcdef0123456789abcdef
            x-ratelimit-limit-requests: 100000000
            x-ratelimit-limit-tokens: 100000000000
            x-ratelimit-remaining-requests: 99999999
            x-ratelimit-remaining-tokens: 99999999000
            x-ratelimit-reset-requests: 1ms
            x-ratelimit-reset-tokens: 1ms
            strict-transport-security: max-age=31536000
            x-content-type-options: nosniff
            """
                    .replace("\n", "\r\n");

    /** System property: number of replies after which it closes a connection. */
    public static final String CLOSES_AFTER = "closes-after";

    private final long delayNanos;
    private final boolean stragglers;
    private final int closesAfter = Integer.getInteger(CLOSES_AFTER, Integer.MAX_VALUE);
    private final byte[] reply;
    private final byte[] lastReply;
    private final Selector selector = Selector.open();
    private final Deque<Due> due = new ArrayDeque<>();
    private final Deque<Due> late = new ArrayDeque<>();
    private final Queue<Due> own = new PriorityQueue<>(Comparator.comparingLong(Due::at));
    private long requests;

    private StubServer(long delayMillis, boolean stragglers, String content) throws IOException {
        this.delayNanos = delayMillis * 1_000_000;
        this.stragglers = stragglers;
        this.reply = reply("", content);
        this.lastReply = reply("Connection: close\r\n", content);
    }

    /** A reply with the time at which it is sent. */
    private record Due(long at, Peer peer) {}

    /** One connection. */
    private static final class Peer {
        final SocketChannel channel;
        final ByteBuffer read = ByteBuffer.allocate(8 << 10);
        ByteBuffer large = read;
        int replies;

        Peer(SocketChannel channel) {
            this.channel = channel;
        }
    }

    /**
     * Arguments: milliseconds until a reply; whether one of a hundred replies takes a hundred times
     * as long; the text of the reply (optional). Prints its port.
     */
    public static void main(String[] arguments) throws IOException {
        Parent.endWithIt();
        String content = arguments.length > 2 ? arguments[2] : nothing();
        new StubServer(Long.parseLong(arguments[0]), Boolean.parseBoolean(arguments[1]), content)
                .run();
    }

    @SuppressWarnings("AddressSelection") // loopback
    private void run() throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress("127.0.0.1", 0), 10_000);
        server.configureBlocking(false);
        var _ = server.register(selector, SelectionKey.OP_ACCEPT);
        System.out.println(((InetSocketAddress) server.getLocalAddress()).getPort());
        while (true) {
            long wait = Math.min(wait(own), Math.min(wait(due), wait(late)));
            if (wait > 0) {
                selector.select(wait);
            } else {
                selector.selectNow();
            }
            for (SelectionKey key : selector.selectedKeys()) {
                if (key.isAcceptable()) {
                    accept(server);
                } else {
                    read(key);
                }
            }
            selector.selectedKeys().clear();
            answer(own);
            answer(due);
            answer(late);
        }
    }

    private void accept(ServerSocketChannel server) throws IOException {
        for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
            channel.configureBlocking(false);
            channel.socket().setTcpNoDelay(true);
            var _ = channel.register(selector, SelectionKey.OP_READ, new Peer(channel));
        }
    }

    @SuppressWarnings("ByteBufferBackingArray") // allocated above, without an offset
    private void read(SelectionKey key) {
        Peer peer = (Peer) key.attachment();
        try {
            if (peer.channel.read(peer.large) < 0) {
                peer.channel.close();
                return;
            }
        } catch (IOException e) {
            key.cancel();
            return;
        }
        if (isWhole(peer)) {
            boolean atOnce = isAtOnce(peer);
            int length = peer.large.position();
            OptionalLong ownNanos = Delay.find(peer.large.array(), length);
            peer.large = peer.read.clear();
            if (ownNanos.isPresent()) {
                own.add(new Due(System.nanoTime() + ownNanos.getAsLong(), peer));
            } else if (atOnce) {
                due.addFirst(new Due(System.nanoTime(), peer));
            } else if (stragglers && ++requests % STRAGGLER == 0) {
                late.addLast(new Due(System.nanoTime() + STRAGGLER * delayNanos, peer));
            } else {
                due.addLast(new Due(System.nanoTime() + delayNanos, peer));
            }
        } else if (!peer.large.hasRemaining()) {
            peer.large = ByteBuffer.allocate(LARGEST_REQUEST).put(peer.large.flip());
        }
    }

    @SuppressWarnings("ByteBufferBackingArray") // allocated above, without an offset
    private static boolean isWhole(Peer peer) {
        byte[] bytes = peer.large.array();
        int length = peer.large.position();
        for (int i = 3; i < length; i++) {
            if (bytes[i] == '\n' && bytes[i - 2] == '\n' && bytes[i - 1] == '\r') {
                String head =
                        new String(bytes, 0, i, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
                Matcher said = LENGTH.matcher(head);
                int body = said.find() ? Integer.parseInt(said.group(1)) : 0;
                return length >= i + 1 + body;
            }
        }
        return false;
    }

    /** Whether the request is below /0, which is answered at once, for warm-up. */
    @SuppressWarnings("ByteBufferBackingArray") // allocated above, without an offset
    private static boolean isAtOnce(Peer peer) {
        byte[] bytes = peer.large.array();
        return bytes[5] == '/' && bytes[6] == '0' && bytes[7] == '/';
    }

    private static long wait(Queue<Due> line) {
        Due next = line.peek();
        // Round up: busy waiting would use the core that other programs share.
        return next == null ? 1_000 : (next.at() - System.nanoTime() + 999_999) / 1_000_000;
    }

    private void answer(Queue<Due> line) {
        long now = System.nanoTime();
        for (Due next = line.peek(); next != null && next.at() <= now; next = line.peek()) {
            line.remove();
            try {
                // One write suffices, because a reply is far smaller than a socket's buffer.
                boolean last = ++next.peer().replies >= closesAfter;
                next.peer().channel.write(ByteBuffer.wrap(last ? lastReply : reply));
                if (last) {
                    next.peer().channel.close();
                }
            } catch (IOException e) {
                // The client has closed the connection; no one waits for the reply.
            }
        }
    }

    /** A reply text without meaning. */
    public static String nothing() {
        return "x".repeat(REPLY_BYTES - 300);
    }

    /** The JSON body of a reply. */
    public static byte[] body(String content) {
        return ("{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\","
                        + "\"usage\":{\"prompt_tokens\":500,\"completion_tokens\":200,\"total_tokens\":700},"
                        + "\"choices\":[{\"index\":0,\"finish_reason\":\"stop\",\"logprobs\":null,"
                        + "\"message\":{\"role\":\"assistant\",\"refusal\":null,\"content\":\""
                        + content.replace("\"", "\\\"")
                        + "\"}}]}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] reply(String header, String content) {
        byte[] body = body(content);
        byte[] head =
                ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                + HEADERS
                                + header
                                + "Content-Length: "
                                + body.length
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(head.length + body.length).put(head).put(body).array();
    }
}
