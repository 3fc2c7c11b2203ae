package dev.sluice.runtime.kafka;

import dev.sluice.contract.registry.SchemaNotFoundException;
import dev.sluice.contract.registry.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brokers or a registry, without which nothing works: asked every two seconds whether they answer.
 * One line of the log says that they are lost, with their address and the key that sets it, and one
 * that they are back. Safe for use by many threads.
 */
public final class Dependency implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Dependency.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private static final String BROKERS_KEY = "kafka.bootstrap.servers";

    /** One answer may be late. */
    private static final int FAILURES = 2;

    private final String name;
    private final String address;
    private final String key;
    private final Probe probe;
    private final InstantSource clock;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile State state = new Unknown();
    private int failures;

    /** Asks for an answer. */
    public interface Probe {
        /** What is wrong; nothing if an answer came, whatever it says. */
        Optional<String> failure() throws InterruptedException;
    }

    /** Whether it answers. */
    private sealed interface State {}

    private record Unknown() implements State {}

    private record Answers() implements State {}

    private record Lost(Instant since, String reason) implements State {}

    /**
     * @param address without secrets
     * @param key the setting that the address is from
     * @param clock steady, whatever is done to the system's
     */
    Dependency(String name, String address, String key, Probe probe, InstantSource clock) {
        this.name = name;
        this.address = address;
        this.key = key;
        this.probe = probe;
        this.clock = clock;
    }

    /** The brokers of a connection. */
    public static Dependency brokers(KafkaConnection connection, Admin admin, InstantSource clock) {
        return new Dependency(
                "brokers",
                String.valueOf(connection.client().get("bootstrap.servers")),
                BROKERS_KEY,
                () -> noAnswer(admin),
                clock);
    }

    /** The registry of a connection. */
    public static Dependency registry(
            KafkaConnection connection, SchemaRegistry registry, InstantSource clock) {
        String subject = connection.topics().requests() + "-value";
        return new Dependency(
                "schema registry",
                urls(connection),
                "schema-registry.schema.registry.url",
                () -> noAnswer(registry, subject),
                clock);
    }

    /** The registry's addresses, without passwords. */
    static String urls(KafkaConnection connection) {
        return String.valueOf(connection.registry().get("schema.registry.url"))
                .replaceAll("//[^/@]*@", "//");
    }

    private static Optional<String> noAnswer(Admin admin) throws InterruptedException {
        try {
            var _ =
                    admin.describeCluster(
                                    new DescribeClusterOptions().timeoutMs((int) LIMIT.toMillis()))
                            .nodes()
                            .get();
            return Optional.empty();
        } catch (ExecutionException e) {
            return e.getCause() instanceof AuthorizationException
                    ? Optional.empty()
                    : Optional.of(words(e.getCause()));
        }
    }

    /** Without the name of its class, which says nothing to an operator. */
    private static String words(@Nullable Throwable failure) {
        if (failure == null) {
            return "it does not say why";
        }
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    private static Optional<String> noAnswer(SchemaRegistry registry, String subject)
            throws InterruptedException {
        try {
            var _ = registry.latest(subject);
            return Optional.empty();
        } catch (SchemaNotFoundException e) {
            return Optional.empty();
        } catch (InterruptException e) {
            boolean _ = Thread.interrupted();
            throw new InterruptedException("stopped while the registry was asked");
        } catch (RuntimeException e) {
            return RegistryOutage.is(e) ? Optional.of(words(e)) : Optional.empty();
        }
    }

    @Override
    public void run() {
        try {
            do {
                look();
            } while (!stopped.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public void stop() {
        stopped.countDown();
    }

    /** Whether it has answered and did not fail to since. */
    public boolean isUp() {
        return state instanceof Answers;
    }

    /** What is wrong, with the address and the key that sets it. */
    public Optional<String> complaint() {
        return switch (state) {
            case Answers() -> Optional.empty();
            case Unknown() ->
                    Optional.of(
                            "no answer yet from the %s at %s (%s)".formatted(name, address, key));
            case Lost(var since, var reason) ->
                    Optional.of(
                            "no answer for %d s from the %s at %s (%s): %s"
                                    .formatted(
                                            Duration.between(since, clock.instant()).toSeconds(),
                                            name,
                                            address,
                                            key,
                                            reason));
        };
    }

    /** The last words of who waited for it in vain. */
    static String unreachable(KafkaConnection connection, Throwable reason) {
        return "no answer in time from the brokers at %s (%s); can they be reached from here? %s"
                .formatted(
                        connection.client().get("bootstrap.servers"), BROKERS_KEY, words(reason));
    }

    /** Asks once. Used by one thread. */
    void look() throws InterruptedException {
        Optional<String> failure = probe.failure();
        switch (state) {
            case Unknown() -> {
                failures = 0;
                failure.ifPresentOrElse(this::lose, () -> state = new Answers());
            }
            case Answers() -> {
                failures = failure.isPresent() ? failures + 1 : 0;
                if (failures >= FAILURES) {
                    failure.ifPresent(this::lose);
                }
            }
            case Lost(var since, var _) ->
                    failure.ifPresentOrElse(
                            reason -> state = new Lost(since, reason), () -> find(since));
        }
    }

    private void lose(String reason) {
        state = new Lost(clock.instant(), reason);
        log.atWarn()
                .addKeyValue("dependency", name)
                .addKeyValue("address", address)
                .addKeyValue("key", key)
                .addKeyValue("reason", reason)
                .log("no answer: work waits until there is one");
    }

    private void find(Instant since) {
        failures = 0;
        state = new Answers();
        log.atInfo()
                .addKeyValue("dependency", name)
                .addKeyValue("address", address)
                .addKeyValue("seconds", Duration.between(since, clock.instant()).toSeconds())
                .log("it answers again");
    }
}
