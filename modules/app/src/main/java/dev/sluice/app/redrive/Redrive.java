package dev.sluice.app.redrive;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.validate.DenialWriter;
import dev.sluice.admission.validate.RequestValidator;
import dev.sluice.admission.validate.UnknownSchemaException;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.app.client.Sent;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.app.letters.LetterFilter;
import dev.sluice.app.letters.LetterReader;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.app.redrive.Candidate.Place;
import dev.sluice.contract.RecordHeader;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.outcome.DeadLetterWriter;
import io.github.resilience4j.ratelimiter.RateLimiter;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Redrives dead letters: publishes their requests again, each as its next generation.
 *
 * <p>A redrive may be interrupted and run again. Requests that have got a result are left out then,
 * and admission skips a generation that it knows: for 24 hours, or until the request has ended.
 */
public final class Redrive implements AutoCloseable {
    private static final String ANSWERED = "they have a result meanwhile";
    private static final String FORGOTTEN =
            "they may have a result: results of their time have been deleted";
    private static final String UNREADABLE = "their records are no requests";
    private static final String UNKNOWN_SCHEMA = "the registry does not know their schema";
    private static final String LIMITED = "--max-count or --max-cost is reached";
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
    private Optional<String> unread = Optional.empty();

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

    /** Finds out what would be redriven; publishes no request. */
    public RedrivePlan plan() {
        Instant now = clock.instant();
        RedriveIndex index = new RedriveIndex(filter, requests::identity);
        unread = LetterReader.read(connection, filter.ofAnyKind(), index::add).warning();
        List<Candidate> meant = index.meant();
        Results results = new Results(connection, registry);
        if (!meant.isEmpty()) {
            results.read(meant, meant.getFirst().failedAt(), known());
        }
        Map<String, Long> left = new HashMap<>();
        if (index.unreadable() > 0) {
            left.put(UNREADABLE, index.unreadable());
        }
        Map<Place, Candidate> candidates = new HashMap<>();
        for (Candidate candidate : meant) {
            hindrance(candidate, results)
                    .ifPresentOrElse(
                            why -> left.merge(why, 1L, Long::sum),
                            () -> candidates.put(candidate.place(), candidate));
        }
        Map<Place, Priced> priced =
                priced(
                        candidates,
                        analysis ->
                                results.meanCost(analysis)
                                        .or(() -> index.costOfInvalidAnswer(analysis)),
                        left);
        return chosen(now, meant, priced, left);
    }

    /** What the last plan could not read. */
    public Optional<String> unread() {
        return unread;
    }

    private List<String> known() {
        return knowledge.analyses().all().stream().map(AnalysisDefinition::name).toList();
    }

    private Optional<String> hindrance(Candidate candidate, Results results) {
        if (results.answer(candidate)) {
            return Optional.of(ANSWERED);
        }
        if (results.mayHaveForgotten(candidate)) {
            return Optional.of(FORGOTTEN);
        }
        // What admission denied has cost nothing.
        return candidate.generation() >= limits.maxGeneration() && !candidate.wasDenied()
                ? Optional.of(
                        "they were redriven before ("
                                + candidate.generation()
                                + "x); --max-generation raises the limit")
                : Optional.empty();
    }

    /** A candidate that admission's rules let pass now, with its costs in USD. */
    private record Priced(BigDecimal estimate, BigDecimal worst) {}

    /** Reads the letters again for what their requests would cost, and whether they would pass. */
    private Map<Place, Priced> priced(
            Map<Place, Candidate> candidates,
            Function<String, Optional<BigDecimal>> expected,
            Map<String, Long> left) {
        Map<Place, Priced> priced = new HashMap<>();
        Instant now = clock.instant();
        var _ =
                LetterReader.read(
                        connection,
                        filter,
                        stored -> {
                            Candidate candidate = candidates.get(Place.of(stored));
                            if (candidate != null) {
                                price(candidate, stored, now, expected, priced, left);
                            }
                        });
        return priced;
    }

    private void price(
            Candidate candidate,
            StoredLetter stored,
            Instant now,
            Function<String, Optional<BigDecimal>> expected,
            Map<Place, Priced> priced,
            Map<String, Long> left) {
        Optional<SourceRecord> next = requests.next(stored.letter(), now);
        if (next.isEmpty()) {
            left.merge(GONE, 1L, Long::sum);
            return;
        }
        try {
            switch (validator.check(next.get())) {
                case RequestValidator.Valid(var request) -> {
                    BigDecimal worst = request.need().whole().usd();
                    BigDecimal estimate =
                            expected.apply(request.definition().name())
                                    .orElse(request.need().oneCall().usd())
                                    .min(worst);
                    priced.put(candidate.place(), new Priced(estimate, worst));
                }
                case RequestValidator.Invalid invalid ->
                        left.merge(
                                "admission would refuse them: " + invalid.denial().reason(),
                                1L,
                                Long::sum);
            }
        } catch (UnknownSchemaException e) {
            left.merge(UNKNOWN_SCHEMA, 1L, Long::sum);
        }
    }

    /** The oldest ones within the limits. */
    private RedrivePlan chosen(
            Instant now, List<Candidate> meant, Map<Place, Priced> priced, Map<String, Long> left) {
        List<Candidate> chosen = new ArrayList<>();
        BigDecimal estimate = BigDecimal.ZERO;
        BigDecimal worst = BigDecimal.ZERO;
        boolean isFull = false;
        for (Candidate candidate : meant) {
            Priced one = priced.get(candidate.place());
            if (one == null) {
                continue;
            }
            BigDecimal with = estimate.add(one.estimate());
            isFull =
                    isFull
                            || limits.maxCount().map(max -> chosen.size() >= max).orElse(false)
                            || limits.maxUsd().map(max -> with.compareTo(max) > 0).orElse(false);
            if (isFull) {
                left.merge(LIMITED, 1L, Long::sum);
            } else {
                chosen.add(candidate);
                estimate = with;
                worst = worst.add(one.worst());
            }
        }
        return new RedrivePlan(now, chosen, left, estimate, worst);
    }

    /**
     * What became of the requests of a plan.
     *
     * @param published number of requests that the brokers have
     * @param skipped number of requests that have got a result since the plan, or whose record is
     *     gone
     * @param rejected what the brokers did not take: requestId and reason
     */
    public record Published(long published, long skipped, List<String> rejected) {
        public Published {
            rejected = List.copyOf(rejected);
        }
    }

    /**
     * Publishes the requests of a plan. What the brokers reject is left out, and the others go on.
     *
     * @param pace limits how many are published in a second
     * @param progress receives the number of requests that were sent so far
     * @throws IllegalStateException if the brokers do not answer; run the redrive again then
     */
    public Published publish(RedrivePlan plan, Optional<RateLimiter> pace, LongConsumer progress) {
        Map<Place, Candidate> open = new HashMap<>();
        plan.chosen().forEach(candidate -> open.put(candidate.place(), candidate));
        // The confirmation may have taken its time.
        Results since = new Results(connection, registry);
        since.read(plan.chosen(), plan.madeAt(), known());
        open.values().removeIf(since::answer);
        Sent sent = new Sent();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        connection.producer(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            var _ =
                    LetterReader.read(
                            connection,
                            filter,
                            stored -> {
                                Candidate candidate = open.remove(Place.of(stored));
                                if (candidate != null) {
                                    send(producer, candidate, stored, pace, sent);
                                    progress.accept(sent.sent());
                                }
                            });
            producer.flush();
        }
        sent.throwIfUnanswered();
        return new Published(
                sent.published(),
                plan.size() - sent.published() - sent.rejected().size(),
                sent.rejected());
    }

    private void send(
            KafkaProducer<byte[], byte[]> producer,
            Candidate candidate,
            StoredLetter stored,
            Optional<RateLimiter> pace,
            Sent sent) {
        Optional<SourceRecord> next = requests.next(stored.letter(), clock.instant());
        if (next.isEmpty()) {
            return;
        }
        pace.ifPresent(RateLimiter::waitForPermission);
        String requestId = candidate.identity().requestId();
        sent.begin();
        var _ =
                producer.send(
                        record(next.get()),
                        (_, failure) -> sent.ended(requestId, Optional.ofNullable(failure)));
        sent.throwIfUnanswered();
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

    @Override
    public void close() {
        requests.close();
        registry.close();
    }
}
