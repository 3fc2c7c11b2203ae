package dev.sluice.app.redrive;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.validate.DenialWriter;
import dev.sluice.admission.validate.RequestValidator;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.app.letters.LetterFilter;
import dev.sluice.app.letters.LetterReader;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.app.redrive.RedrivePlan.Place;
import dev.sluice.contract.RecordHeader;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.outcome.DeadLetterWriter;
import io.github.resilience4j.ratelimiter.RateLimiter;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Redrives dead letters: publishes their requests again, each as its next generation.
 *
 * <p>A redrive may be interrupted and run again: admission takes each generation of a request once,
 * and requests that have got a newer outcome meanwhile are left out.
 */
public final class Redrive implements AutoCloseable {
    private static final String ANSWERED = "they have a result meanwhile";
    private static final String UNREADABLE = "their records are no requests";
    private static final String GONE =
            "neither the dead letter nor the topic of requests has their record";

    private final KafkaConnection connection;
    private final Knowledge knowledge;
    private final LetterFilter filter;
    private final RedriveLimits limits;
    private final SchemaRegistry registry;
    private final RequestValidator validator;
    private final RedriveRequests requests;
    private final InstantSource clock;

    /**
     * @param modelIds the provider's model ids of each model's deployments; prices are looked up by
     *     these
     */
    public Redrive(
            KafkaConnection connection,
            Knowledge knowledge,
            Map<String, List<String>> modelIds,
            Budgets budgets,
            LetterFilter filter,
            RedriveLimits limits,
            InstantSource clock) {
        this.connection = connection;
        this.knowledge = knowledge;
        this.filter = filter;
        this.limits = limits;
        this.clock = clock;
        this.registry = connection.openRegistry();
        this.validator =
                new RequestValidator(
                        connection,
                        registry,
                        new RequestValidator.Knowledge(
                                knowledge.analyses(), knowledge.prices(), modelIds),
                        new DenialWriter(
                                new DeadLetterWriter(
                                        connection.topics(),
                                        connection.serializer(registry),
                                        connection.maxInternalBytes()),
                                knowledge.analyses(),
                                clock),
                        budgets,
                        clock);
        this.requests = new RedriveRequests(connection, registry, limits.deadline());
    }

    /** Finds out what would be redriven; publishes nothing. */
    public RedrivePlan plan() {
        RedriveIndex index = new RedriveIndex(filter);
        LetterReader.read(connection, filter.ofAnyKind(), index::add);
        index.readResults(
                connection,
                registry,
                knowledge.analyses().all().stream().map(definition -> definition.name()).toList());
        Map<Place, Candidate> candidates = new HashMap<>();
        Map<String, Long> left = new HashMap<>();
        if (index.withoutIds() > 0) {
            left.put(UNREADABLE, index.withoutIds());
        }
        for (Candidate candidate : index.meant()) {
            if (index.isAnswered(candidate)) {
                left.merge(ANSWERED, 1L, Long::sum);
            } else if (candidate.generation() >= limits.maxGeneration()) {
                left.merge(
                        "they were redriven "
                                + candidate.generation()
                                + " times already; --max-generation raises the limit",
                        1L,
                        Long::sum);
            } else {
                candidates.put(new Place(candidate.partition(), candidate.offset()), candidate);
            }
        }
        return chosen(index, priced(candidates, index, left), left);
    }

    /** A candidate that admission would take now, with its costs in USD. */
    private record Priced(Candidate candidate, BigDecimal estimate, BigDecimal worst) {}

    /** Reads the letters again for what their requests would cost, and whether they would pass. */
    private Map<Place, Priced> priced(
            Map<Place, Candidate> candidates, RedriveIndex index, Map<String, Long> left) {
        Map<Place, Priced> priced = new HashMap<>();
        Instant now = clock.instant();
        LetterReader.read(
                connection,
                filter,
                stored -> {
                    Candidate candidate = candidates.get(place(stored));
                    if (candidate == null) {
                        return;
                    }
                    Optional<SourceRecord> next = requests.next(stored.letter(), now);
                    if (next.isEmpty()) {
                        left.merge(GONE, 1L, Long::sum);
                        return;
                    }
                    switch (validator.check(next.get())) {
                        case RequestValidator.Valid(var request) ->
                                priced.put(
                                        place(stored),
                                        new Priced(
                                                candidate,
                                                index.expected(candidate.analysis())
                                                        .orElse(request.need().oneCall().usd()),
                                                request.need().whole().usd()));
                        case RequestValidator.Invalid invalid ->
                                left.merge(
                                        "admission would refuse them: " + invalid.denial().reason(),
                                        1L,
                                        Long::sum);
                    }
                });
        return priced;
    }

    /** The oldest ones within the limits. */
    private RedrivePlan chosen(
            RedriveIndex index, Map<Place, Priced> priced, Map<String, Long> left) {
        List<Place> chosen = new ArrayList<>();
        Map<String, Long> byReason = new HashMap<>();
        BigDecimal estimate = BigDecimal.ZERO;
        BigDecimal worst = BigDecimal.ZERO;
        boolean isFull = false;
        for (Candidate candidate : index.meant()) {
            Place place = new Place(candidate.partition(), candidate.offset());
            Priced one = priced.get(place);
            if (one == null) {
                continue;
            }
            BigDecimal with = estimate.add(one.estimate());
            isFull =
                    isFull
                            || limits.maxCount().map(max -> chosen.size() >= max).orElse(false)
                            || limits.maxUsd().map(max -> with.compareTo(max) > 0).orElse(false);
            if (isFull) {
                left.merge("--max-count or --max-cost is reached", 1L, Long::sum);
            } else {
                chosen.add(place);
                byReason.merge(candidate.reason().name(), 1L, Long::sum);
                estimate = with;
                worst = worst.add(one.worst());
            }
        }
        return new RedrivePlan(chosen, byReason, left, estimate, worst);
    }

    /**
     * Publishes the requests of a plan.
     *
     * @param pace limits how many are published in a second
     * @param progress receives the number of requests that are published so far
     * @return number of requests that are published
     * @throws RuntimeException the first failure to publish; run the redrive again then
     */
    public long publish(RedrivePlan plan, Optional<RateLimiter> pace, LongConsumer progress) {
        Set<Place> open = new HashSet<>(plan.places());
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        long[] published = {0};
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        connection.producer(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            LetterReader.read(
                    connection,
                    filter,
                    stored -> {
                        if (!open.remove(place(stored))) {
                            return;
                        }
                        Optional<SourceRecord> next =
                                requests.next(stored.letter(), clock.instant());
                        if (next.isPresent()) {
                            pace.ifPresent(RateLimiter::waitForPermission);
                            var _ =
                                    producer.send(
                                            record(next.get()),
                                            (_, failed) -> {
                                                if (failed != null) {
                                                    failure.compareAndSet(null, failed);
                                                }
                                            });
                            progress.accept(++published[0]);
                        }
                        throwIfFailed(failure);
                    });
            producer.flush();
        }
        throwIfFailed(failure);
        return published[0];
    }

    private static void throwIfFailed(AtomicReference<@Nullable Exception> failure) {
        Exception failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("a request was not published", failed);
        }
    }

    private static ProducerRecord<byte[], byte[]> record(SourceRecord next) {
        RecordHeaders headers = new RecordHeaders();
        for (RecordHeader header : next.getHeaders()) {
            headers.add(header.getKey().toString(), bytes(header.getValue()));
        }
        return new ProducerRecord<>(
                next.getTopic().toString(),
                null,
                bytes(next.getKey()),
                bytes(next.getValue()),
                headers);
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static Place place(StoredLetter stored) {
        return new Place(stored.partition(), stored.offset());
    }

    /** A pace of so many requests a second. */
    public static RateLimiter pace(double perSecond) {
        return RateLimiter.of(
                "redrive",
                io.github.resilience4j.ratelimiter.RateLimiterConfig.custom()
                        .limitForPeriod(1)
                        .limitRefreshPeriod(Duration.ofNanos((long) (1e9 / perSecond)))
                        .timeoutDuration(Duration.ofDays(1))
                        .build());
    }

    @Override
    public void close() {
        requests.close();
        registry.close();
    }
}
