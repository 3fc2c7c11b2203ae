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
 * The brokers or the schema registry, checked every two seconds for an answer. One log message
 * reports an outage, with the address and its configuration key, and one reports its end. Safe for
 * use by many threads, except {@link #look}.
 */
public final class Dependency implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Dependency.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private static final String BROKERS_KEY = "kafka.bootstrap.servers";

    /**
     * Failed checks in a row after which an answering dependency is lost; one answer may be late.
     */
    private static final int FAILURES = 2;

    private final String name;
    private final String address;
    private final String key;
    private final Probe probe;
    private final InstantSource clock;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile State state = new Unknown();
    private int failures;

    /** A check of the dependency. */
    public interface Probe {
        /** The problem; empty if any answer came, even an error. */
        Optional<String> failure() throws InterruptedException;
    }

    /** The result of the last checks. */
    private sealed interface State {}

    private record Unknown() implements State {}

    private record Answers() implements State {}

    private record Lost(Instant since, String reason) implements State {}

    /**
     * Not known to answer until the first check.
     *
     * @param name name in messages
     * @param address address without credentials
     * @param key configuration key of the address
     * @param probe the check
     * @param clock a clock that changes of the system clock do not affect
     */
    Dependency(String name, String address, String key, Probe probe, InstantSource clock) {
        this.name = name;
        this.address = address;
        this.key = key;
        this.probe = probe;
        this.clock = clock;
    }

    /** The check of a connection's brokers. */
    public static Dependency brokers(KafkaConnection connection, Admin admin, InstantSource clock) {
        return new Dependency(
                "brokers",
                String.valueOf(connection.client().get("bootstrap.servers")),
                BROKERS_KEY,
                () -> noAnswer(admin),
                clock);
    }

    /** The check of a connection's schema registry. */
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

    /** The registry's addresses, without credentials. */
    public static String urls(KafkaConnection connection) {
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

    /** The failure's message, without the class name, which does not help an operator. */
    private static String words(@Nullable Throwable failure) {
        if (failure == null) {
            return "no reason given";
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
            throw new InterruptedException("interrupted during a request to the registry");
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

    /**
     * Whether the dependency answers: it has answered, and fewer than {@value #FAILURES} checks in
     * a row have failed since.
     */
    public boolean isUp() {
        return state instanceof Answers;
    }

    /**
     * The problem, with the address and its configuration key; empty while the dependency answers.
     */
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

    /** The message of a caller that got no answer from the brokers in time. */
    static String unreachable(KafkaConnection connection, Throwable reason) {
        return "no answer in time from the brokers at %s (%s); can they be reached from here? %s"
                .formatted(
                        connection.client().get("bootstrap.servers"), BROKERS_KEY, words(reason));
    }

    /** Runs one check. Used by one thread. */
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
