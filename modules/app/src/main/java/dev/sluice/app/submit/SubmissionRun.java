package dev.sluice.app.submit;

import dev.sluice.app.client.OutcomeFollower;
import dev.sluice.app.client.OutcomeRecord;
import dev.sluice.app.client.RequestIdentity;
import dev.sluice.app.client.Sent;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.RequestPublisher;
import dev.sluice.runtime.kafka.KafkaConnection;
import io.github.resilience4j.ratelimiter.RateLimiter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Publishes the requests of a submission, no faster than admission reads them, and follows them to
 * their outcomes. Confined to one thread.
 */
public final class SubmissionRun implements AutoCloseable {
    /** Requests of all publishers that may wait for admission. */
    private static final long MOST_UNREAD = 10_000;

    /** How many requests are published between two looks at the backlog. */
    private static final int LOOK_EVERY = 1_000;

    /** Bytes that the client may add to a record. */
    private static final int FRAMING_BYTES = 64 << 10;

    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConnection connection;
    private final Submission submission;
    private final SubmitListener listener;
    private final InstantSource clock;
    private final Map<RequestIdentity, Integer> indexes = new HashMap<>();
    private final BitSet ended = new BitSet();
    private final Set<Integer> unpublished = ConcurrentHashMap.newKeySet();
    private final Sent sent = new Sent();
    private Instant nextPoll = Instant.MIN;
    private Optional<OutcomeFollower> follower = Optional.empty();

    /**
     * @param clock monotonic: not affected by changes of the system clock
     */
    public SubmissionRun(
            KafkaConnection connection,
            Submission submission,
            SubmitListener listener,
            InstantSource clock) {
        this.connection = connection;
        this.submission = submission;
        this.listener = listener;
        this.clock = clock;
        List<Submission.Planned> planned = submission.planned();
        for (int i = 0; i < planned.size(); i++) {
            indexes.put(planned.get(i).identity(), i);
        }
    }

    /**
     * Begins to follow the requests: outcomes that they have from earlier submissions are reported
     * now, and these requests are not sent again. A request that was denied is sent again if its
     * time for that has come.
     */
    public void follow() throws IOException {
        // The follower begins at the end, so that none is missed between the two.
        follower = Optional.of(OutcomeFollower.open(connection, List.of(submission.analysis())));
        Instant now = Instant.now();
        for (var found : EarlierOutcomes.read(connection, submission, now).entrySet()) {
            boolean canBeSentAgain =
                    found.getValue().retryAt().map(time -> !now.isBefore(time)).orElse(false);
            if (!canBeSentAgain) {
                end(found.getKey(), found.getValue(), true);
            }
        }
    }

    /**
     * Publishes the requests that have no outcome.
     *
     * @param pace limits how many are published in a second
     * @throws IllegalStateException if the brokers do not answer; submit again then
     */
    public void publish(Optional<RateLimiter> pace) throws IOException, InterruptedException {
        try (AdmissionBacklog backlog = new AdmissionBacklog(connection);
                RequestPublisher publisher =
                        new RequestPublisher(connection.topics(), producerSettings())) {
            submission.read((index, request) -> {
                if (!ended.get(index)) {
                    publish(index, request, publisher, backlog, pace);
                }
            });
        }
        sent.throwIfUnanswered();
    }

    private void publish(
            int index,
            AnalysisRequest request,
            RequestPublisher publisher,
            AdmissionBacklog backlog,
            Optional<RateLimiter> pace)
            throws IOException, InterruptedException {
        if (sent.sent() % LOOK_EVERY == 0) {
            awaitAdmission(backlog);
        }
        if (pace.isPresent()) {
            pause(Duration.ofNanos(pace.get().reservePermission()));
        } else if (!clock.instant().isBefore(nextPoll)) {
            pause(Duration.ZERO);
        }
        sent.begin();
        String label = submission.planned().get(index).label();
        var _ =
                publisher
                        .publish(request)
                        .whenComplete((_, failure) -> {
                            if (failure != null) {
                                unpublished.add(index);
                            }
                            sent.ended(
                                    label, Optional.ofNullable(failure).map(Exception.class::cast));
                        });
        sent.throwIfUnanswered();
        listener.sent(sent.sent());
    }

    private void awaitAdmission(AdmissionBacklog backlog) throws IOException, InterruptedException {
        OptionalLong size = backlog.size();
        while (size.isPresent() && size.getAsLong() > MOST_UNREAD) {
            listener.waits(
                    String.format(
                            Locale.ROOT,
                            "admission has %,d requests to read; more are sent when these are fewer"
                                    + " than %,d",
                            size.getAsLong(),
                            MOST_UNREAD));
            pause(LOOK_AGAIN);
            size = backlog.size();
        }
    }

    /**
     * Waits until all requests have their outcomes.
     *
     * @param timeout empty to wait as long as it takes
     */
    public void await(Optional<Duration> timeout) throws IOException, InterruptedException {
        Instant begun = clock.instant();
        while (pending() > 0
                && timeout.map(time -> clock.instant().isBefore(begun.plus(time))).orElse(true)) {
            pause(POLL);
            listener.pending(pending());
        }
    }

    /** Number of requests that were published and have no outcome yet. */
    public int pending() {
        return submission.planned().size() - ended.cardinality() - unpublished.size();
    }

    /** Number of requests that the brokers have. */
    public long published() {
        return sent.published();
    }

    /** What the brokers did not take: the item and the reason. */
    public List<String> rejected() {
        return sent.rejected();
    }

    /** Lets time pass, in which outcomes are read. */
    private void pause(Duration time) throws IOException, InterruptedException {
        Instant end = clock.instant().plus(time);
        Duration left = time;
        do {
            if (follower.isPresent()) {
                for (OutcomeRecord outcome : follower.get().poll(left)) {
                    Optional<RequestIdentity> identity = RequestIdentity.of(outcome);
                    if (identity.isPresent()) {
                        end(identity.get(), outcome, false);
                    }
                }
            } else {
                Thread.sleep(left);
            }
            left = Duration.between(clock.instant(), end);
        } while (left.isPositive());
        nextPoll = clock.instant().plus(POLL);
    }

    private void end(RequestIdentity identity, OutcomeRecord outcome, boolean isEarlier)
            throws IOException {
        Integer index = indexes.get(identity);
        if (index != null && !ended.get(index)) {
            ended.set(index);
            listener.outcome(index, outcome, isEarlier);
        }
    }

    private Map<String, Object> producerSettings() {
        Map<String, Object> settings = new HashMap<>(connection.client());
        settings.putAll(connection.registry());
        settings.put("auto.register.schemas", false);
        settings.put("max.request.size", connection.maxRequestBytes() + FRAMING_BYTES);
        return settings;
    }

    @Override
    public void close() {
        follower.ifPresent(OutcomeFollower::close);
    }
}
