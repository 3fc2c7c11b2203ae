package dev.sluice.app.submit;

import dev.sluice.app.client.OutcomeFollower;
import dev.sluice.app.client.OutcomeRecord;
import dev.sluice.app.client.RequestIdentity;
import dev.sluice.app.client.Sent;
import dev.sluice.app.submit.source.InvalidSourceException;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.RequestPublisher;
import dev.sluice.runtime.kafka.EnvironmentException;
import dev.sluice.runtime.kafka.KafkaConnection;
import io.github.resilience4j.ratelimiter.RateLimiter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.Collection;
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

    /** How far this machine's clock may be ahead of admission's. */
    private static final Duration CLOCK_MARGIN = Duration.ofSeconds(10);

    private final KafkaConnection connection;
    private final Submission submission;
    private final SubmitListener listener;
    private final InstantSource clock;
    private final Map<RequestIdentity, Integer> indexes = new HashMap<>();
    private final BitSet ended = new BitSet();
    private final Set<Integer> unpublished = ConcurrentHashMap.newKeySet();
    private final Sent sent = new Sent();
    private Instant nextPoll = Instant.MIN;
    private Optional<Instant> end = Optional.empty();
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
     *
     * @param known the analyses of this installation
     * @param timeout the most time for publishing and for the outcomes; empty for as long as it
     *     takes
     * @throws InvalidSourceException if an id is in use for another analysis
     */
    public void follow(Collection<String> known, Optional<Duration> timeout) throws IOException {
        end = timeout.map(time -> clock.instant().plus(time));
        Collection<String> analyses =
                submission.hasOwnIds() ? known : List.of(submission.analysis());
        // The follower begins at the end, so that none is missed between the two.
        follower = Optional.of(OutcomeFollower.open(connection, analyses));
        Instant now = Instant.now();
        for (var found : EarlierOutcomes.read(connection, submission, analyses, now).entrySet()) {
            boolean canBeSentAgain =
                    found.getValue()
                            .retryAt()
                            .map(time -> now.isAfter(time.plus(CLOCK_MARGIN)))
                            .orElse(false);
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
        while (size.isPresent() && size.getAsLong() + unacknowledged() > MOST_UNREAD) {
            if (isOver()) {
                throw new EnvironmentException(
                        "admission has "
                                + size.getAsLong()
                                + " requests to read, and --timeout has passed; sluice health says"
                                + " whether it is ready");
            }
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

    private long unacknowledged() {
        return sent.sent() - sent.published() - unpublished.size();
    }

    private boolean isOver() {
        return end.map(time -> !clock.instant().isBefore(time)).orElse(false);
    }

    /** Waits until all requests have their outcomes, or the time is over. */
    public void await() throws IOException, InterruptedException {
        while (pending() > 0 && !isOver()) {
            pause(POLL);
            listener.pending(pending());
        }
    }

    /** Number of requests that were published and have no outcome yet. */
    public int pending() {
        long lost = unpublished.stream().filter(index -> !ended.get(index)).count();
        return submission.planned().size() - ended.cardinality() - (int) lost;
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
        Instant until = clock.instant().plus(time);
        Duration left = time;
        do {
            if (follower.isPresent()) {
                for (OutcomeRecord outcome : follower.get().poll(left)) {
                    Optional<RequestIdentity> identity = RequestIdentity.of(outcome);
                    if (identity.isPresent()) {
                        end(identity.get(), outcome, false);
                    }
                }
                follower.get().outage().ifPresent(listener::waits);
            } else {
                Thread.sleep(left);
            }
            left = Duration.between(clock.instant(), until);
        } while (left.isPositive());
        nextPoll = clock.instant().plus(POLL);
    }

    private void end(RequestIdentity identity, OutcomeRecord outcome, boolean isEarlier)
            throws IOException {
        Integer index = indexes.get(identity);
        if (index != null && !ended.get(index)) {
            if (!outcome.analysis().orElse("").equals(submission.analysis())) {
                throw new InvalidSourceException(
                        submission.planned().get(index).label()
                                + ": the id "
                                + identity.requestId()
                                + " was used for the analysis "
                                + outcome.analysis().orElse("")
                                + " already; a requestId is for one analysis");
            }
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
