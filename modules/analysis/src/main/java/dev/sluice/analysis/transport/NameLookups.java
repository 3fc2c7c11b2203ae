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
 * Looks names up on threads of its own, one at a time for each host: a name server that is silent
 * holds up nobody else's calls. Safe for use by many threads.
 */
final class NameLookups implements SocketAddressResolver {
    private final ConcurrentMap<String, CompletableFuture<InetAddress[]>> underWay =
            new ConcurrentHashMap<>();
    private final Lookup lookup;
    private final Duration timeout;

    /** Where names are looked up. */
    interface Lookup {
        InetAddress[] find(String host) throws UnknownHostException;
    }

    /**
     * @param timeout of a look-up
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

    /** A look-up blocks a thread of the operating system, whatever thread it is called on. */
    private CompletableFuture<InetAddress[]> begin(String host) {
        CompletableFuture<InetAddress[]> found = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .name("model-dns-" + host)
                .start(() -> {
                    Throwable failure = new IllegalStateException("the look-up broke off");
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
