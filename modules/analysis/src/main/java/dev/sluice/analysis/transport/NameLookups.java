package dev.sluice.analysis.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * DNS resolver with threads of its own and one look-up at a time for each host, so that a silent
 * name server does not hold up calls to other hosts. Safe for use by many threads.
 */
final class NameLookups implements SocketAddressResolver {
    private final ConcurrentMap<String, CompletableFuture<InetAddress[]>> underWay =
            new ConcurrentHashMap<>();
    private final Lookup lookup;
    private final Duration timeout;

    /** Blocking look-up of a name. */
    interface Lookup {
        InetAddress[] find(String host) throws UnknownHostException;
    }

    /**
     * @param timeout of one look-up
     */
    NameLookups(Lookup lookup, Duration timeout) {
        this.lookup = lookup;
        this.timeout = timeout;
    }

    @Override
    public void resolve(
            String host,
            int port,
            Map<String, Object> context,
            Promise<List<InetSocketAddress>> promise) {
        var _ =
                underWay.computeIfAbsent(host, this::begin)
                        .copy()
                        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .whenComplete((addresses, failure) -> {
                            if (failure == null) {
                                promise.succeeded(
                                        Arrays.stream(addresses)
                                                .map(address ->
                                                        new InetSocketAddress(address, port))
                                                .toList());
                            } else {
                                promise.failed(cause(failure));
                            }
                        });
    }

    /**
     * Starts a look-up on its own thread: a look-up blocks an operating-system thread even if it is
     * called on a virtual one.
     */
    private CompletableFuture<InetAddress[]> begin(String host) {
        CompletableFuture<InetAddress[]> found = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .name("model-dns-" + host)
                .start(() -> {
                    Throwable failure =
                            new IllegalStateException("the look-up ended without a result");
                    try {
                        InetAddress[] addresses = lookup.find(host);
                        underWay.remove(host, found);
                        found.complete(addresses);
                    } catch (UnknownHostException | RuntimeException e) {
                        failure = e;
                    } finally {
                        underWay.remove(host, found);
                        found.completeExceptionally(failure);
                    }
                });
        return found;
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : failure;
    }
}
