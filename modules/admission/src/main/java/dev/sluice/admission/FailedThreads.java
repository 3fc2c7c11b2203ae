package dev.sluice.admission;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a stream thread that died is replaced. A broker that was away leaves producers in
 * transactions it no longer knows; Kafka Streams ends the thread then, and a new one with a new
 * producer goes on from the last commit. What a new thread would meet again (a bug, a missing
 * right) stops admission, and so does a thread that dies over and over.
 */
final class FailedThreads implements StreamsUncaughtExceptionHandler {
    private static final Logger log = LoggerFactory.getLogger(FailedThreads.class);
    private static final int REPLACEMENTS_PER_THREAD = 5;
    private static final Duration PERIOD = Duration.ofMinutes(10);

    private final int threads;
    private final StateFolder folder;
    private final InstantSource clock;
    private final Queue<Instant> replaced = new ArrayDeque<>();
    private volatile Optional<String> fatal = Optional.empty();

    FailedThreads(int threads, StateFolder folder, InstantSource clock) {
        this.threads = threads;
        this.folder = folder;
        this.clock = clock;
    }

    /** Why admission stopped for good; empty as long as it did not. */
    Optional<String> fatal() {
        return fatal;
    }

    @Override
    public synchronized StreamThreadExceptionResponse handle(Throwable failure) {
        if (saidByTheBroker(failure) && mayReplace()) {
            log.atWarn()
                    .setCause(failure)
                    .log("stream thread replaced: the broker refused what the old one had begun");
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        Optional<String> ofFolder = folder.problem(failure);
        if (ofFolder.isPresent()) {
            // Said by whoever ends the process, once.
            log.atDebug().setCause(failure).log("admission stops");
        } else {
            log.atError()
                    .setCause(failure)
                    .log("admission stops: it met a bug or a broken environment");
        }
        if (fatal.isEmpty()) {
            fatal = ofFolder.or(() -> Optional.of("stopped: " + root(failure)));
        }
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    private boolean mayReplace() {
        Instant now = clock.instant();
        while (!replaced.isEmpty() && !replaced.peek().isAfter(now.minus(PERIOD))) {
            replaced.remove();
        }
        return replaced.size() < REPLACEMENTS_PER_THREAD * threads && replaced.add(now);
    }

    /**
     * Whether the broker's word, or its silence, is the root of the failure. {@code KafkaException}
     * itself is what clients throw for an answer they have no class for; its subclasses outside
     * {@code ApiException} tell of us (a wrong setting, a record no serializer takes).
     */
    private static boolean saidByTheBroker(Throwable failure) {
        Throwable root = root(failure);
        boolean lasting =
                root instanceof AuthenticationException || root instanceof AuthorizationException;
        return !lasting
                && (root instanceof ApiException || root.getClass() == KafkaException.class);
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
