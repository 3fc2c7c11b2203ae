package dev.sluice.e2e;

import dev.sluice.devkit.KafkaProcess;
import dev.sluice.devkit.TcpProxy;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * The network between an installation and the brokers, and between its worker processes and
 * everything that they connect to.
 */
final class Network implements AutoCloseable {
    private final String brokers;
    private final Optional<KafkaProcess> kafka;
    private final Optional<Proxies> proxies;

    /** Another registry than the embedded one. */
    private final Optional<URI> registry;

    /** One proxy for each system that workers connect to. */
    record Proxies(TcpProxy broker, TcpProxy registry, TcpProxy provider) {
        List<TcpProxy> all() {
            return List.of(broker, registry, provider);
        }
    }

    private Network(
            String brokers,
            Optional<KafkaProcess> kafka,
            Optional<Proxies> proxies,
            Optional<URI> registry) {
        this.brokers = brokers;
        this.kafka = kafka;
        this.proxies = proxies;
        this.registry = registry;
    }

    /** No proxies. */
    static Network direct(String brokers) {
        return new Network(brokers, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** No proxies, and another registry than the embedded one. */
    static Network withRegistry(String brokers, URI registry) {
        return new Network(brokers, Optional.empty(), Optional.empty(), Optional.of(registry));
    }

    /** A broker in a process of its own, and a proxy in front of every system that workers need. */
    static Network faulty() throws IOException, InterruptedException {
        Proxies proxies = new Proxies(TcpProxy.open(), TcpProxy.open(), TcpProxy.open());
        KafkaProcess kafka = KafkaProcess.start(proxies.broker().port());
        proxies.broker().leadTo(kafka.proxiedPort());
        return new Network(
                kafka.bootstrapServers(),
                Optional.of(kafka),
                Optional.of(proxies),
                Optional.empty());
    }

    /** Matches client data that begins with a request of this kind: its size, then its key. */
    static Predicate<ByteBuffer> request(ApiKeys kind) {
        return sent ->
                sent.remaining() > Integer.BYTES + 1 && sent.getShort(Integer.BYTES) == kind.id;
    }

    String brokers() {
        return brokers;
    }

    String brokersForWorkers() {
        return proxies.map(between -> "127.0.0.1:" + between.broker().port()).orElse(brokers);
    }

    /** The address for all clients that are not workers. */
    URI registry(URI embedded) {
        return registry.orElseGet(() ->
                proxies.map(between -> through(between.registry(), embedded)).orElse(embedded));
    }

    URI providerForWorkers(URI provider) {
        return proxies.map(between -> through(between.provider(), provider)).orElse(provider);
    }

    KafkaProcess kafka() {
        return kafka.orElseThrow();
    }

    Proxies proxies() {
        return proxies.orElseThrow();
    }

    @Override
    public void close() {
        proxies.ifPresent(between -> between.all().forEach(TcpProxy::close));
        kafka.ifPresent(KafkaProcess::close);
    }

    private static URI through(TcpProxy proxy, URI address) {
        proxy.leadTo(address.getPort());
        return URI.create("http://127.0.0.1:" + proxy.port() + address.getPath());
    }
}
