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
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a failed stream thread is replaced. After an outage a broker may reject a
 * transaction that it no longer knows. Kafka Streams ends the thread then, and a new thread with a
 * new producer continues from the last commit. A failure that a new thread would repeat, such as a
 * bug or a missing permission, stops admission. So do more than {@value #REPLACEMENTS_PER_THREAD}
 * replacements per thread within ten minutes.
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

    /** The reason why admission stopped for good; empty while it has not. */
    Optional<String> fatal() {
        return fatal;
    }

    @Override
    public synchronized StreamThreadExceptionResponse handle(Throwable failure) {
        if (isBrokerError(failure) && mayReplace()) {
            log.atWarn()
                    .setCause(failure)
                    .log("stream thread replaced: a broker rejected a request of the old thread");
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        Optional<String> ofFolder = folder.problem(failure);
        if (ofFolder.isPresent()) {
            // The caller that ends the process logs it once.
            log.atDebug().setCause(failure).log("admission stops");
        } else {
            log.atError().setCause(failure).log("admission stops: a bug or a broken environment");
        }
        if (fatal.isEmpty()) {
            fatal = ofFolder.or(() -> Optional.of(words(root(failure))));
        }
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    private static String words(Throwable root) {
        String words = "stopped: " + root;
        if (root instanceof TransactionalIdAuthorizationException) {
            words += " Those of admission begin with topics.prefix and \"admission\".";
        }
        return root instanceof AuthorizationException
                ? words + " sluice acls admission prints all rights that it needs"
                : words;
    }

    private boolean mayReplace() {
        Instant now = clock.instant();
        while (!replaced.isEmpty() && !replaced.peek().isAfter(now.minus(PERIOD))) {
            replaced.remove();
        }
        return replaced.size() < REPLACEMENTS_PER_THREAD * threads && replaced.add(now);
    }

    /**
     * Whether the root of the failure is a broker's error or timeout. Clients throw {@code
     * KafkaException} itself for an error code without a class of its own. Its subclasses outside
     * {@code ApiException} are caused by this process, such as a wrong setting or a record that
     * cannot be serialized.
     */
    private static boolean isBrokerError(Throwable failure) {
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
