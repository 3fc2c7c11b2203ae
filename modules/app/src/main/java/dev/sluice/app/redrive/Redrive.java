package dev.sluice.app.redrive;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.validate.DenialWriter;
import dev.sluice.admission.validate.RequestValidator;
import dev.sluice.admission.validate.UnknownSchemaException;
import dev.sluice.analysis.compute.ComputeLimits;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.app.canary.TrialReader;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.app.letters.Discards;
import dev.sluice.app.letters.LetterFilter;
import dev.sluice.app.letters.LetterReader;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.outcome.DeadLetterContent;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import dev.sluice.runtime.outcome.DeadLetterWriter;
import io.github.resilience4j.ratelimiter.RateLimiter;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Redrives dead letters: finds out which can be redriven and at what cost, and publishes their
 * requests again, each as its next generation.
 *
 * <p>A redrive may be interrupted and run again. Requests that have got a result are left out then,
 * and admission skips a generation that it knows: for 24 hours, or until the request has ended.
 */
public final class Redrive implements AutoCloseable {
    private static final String DISCARDED = "they are discarded";
    private static final String ANSWERED = "they have a result meanwhile";
    private static final String FORGOTTEN =
            "they may have a result: results of their time have been deleted";
    private static final String UNREADABLE = "their records are no requests";
    private static final String UNKNOWN_SCHEMA = "the registry does not know their schema";
    private static final String SUPERSEDED =
            "their requests have a later dead letter, which counts";
    private static final String LIMITED = "the limit of count or cost is reached";
    private static final String NO_ANSWER =
            "they have no invalid answer to judge again, or only its hash";
    private static final String STILL_INVALID = "their answers are invalid today, too";
    private static final String GONE =
            "neither the dead letter nor the topic of requests has their record";

    private final KafkaConnection connection;
    private final Knowledge knowledge;
    private final LetterFilter filter;
    private final RedriveLimits limits;
    private final SchemaRegistry registry;
    private final RequestValidator validator;
    private final RedriveRequests requests;
    private final StoredAnswerCheck storedAnswers;
    private final InstantSource clock;
    private Optional<String> unread = Optional.empty();

    /**
     * @param modelIds the provider's model ids of each model's deployments; prices are looked up by
     *     these
     * @param compute time limit for judging one dead letter's answers again
     */
    public Redrive(
            KafkaConnection connection,
            Knowledge knowledge,
            Map<String, List<String>> modelIds,
            Budgets budgets,
            LetterFilter filter,
            RedriveLimits limits,
            ComputeLimits compute,
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
                        TrialReader.trials(connection, knowledge.analyses()),
                        new DenialWriter(
                                new DeadLetterWriter(
                                        connection.topics(),
                                        connection.serializer(registry),
                                        connection.maxInternalBytes(),
                                        DeadLetterContent.WHOLE),
                                knowledge.analyses(),
                                clock),
                        budgets,
                        clock);
        this.storedAnswers = new StoredAnswerCheck(modelIds, compute);
        this.requests = new RedriveRequests(connection, registry, limits);
    }

    /**
     * Finds out what would be redriven; publishes no request.
     *
     * @param progress receives the number of dead letters that were read so far; what it throws
     *     ends the plan
     */
    public RedrivePlan plan(LongConsumer progress) {
        Instant now = clock.instant();
        RedriveIndex index = new RedriveIndex(filter, requests::identity, limits.isRejudge());
        long[] read = {0};
        Consumer<StoredLetter> add =
                letter -> {
                    index.add(letter);
                    progress.accept(++read[0]);
                };
        unread = LetterReader.read(connection, filter.ofAnyKind(), add).warning();
        List<Candidate> meant = index.meant();
        Discards discards = Discards.read(connection, filter.since());
        Results results = new Results(connection, registry);
        if (!meant.isEmpty()) {
            Instant first = meant.getFirst().failedAt();
            results.read(meant, first, known());
            results.readEarlierCosts(meant, first, known());
        }
        Map<String, Long> left = new HashMap<>();
        count(left, UNREADABLE, index.unreadable());
        count(left, SUPERSEDED, index.superseded());
        Map<DeadLetterPlace, Candidate> candidates = new HashMap<>();
        for (Candidate candidate : meant) {
            hindrance(candidate, results, discards)
                    .ifPresentOrElse(
                            why -> left.merge(why, 1L, Long::sum),
                            () -> candidates.put(candidate.place(), candidate));
        }
        Map<DeadLetterPlace, Priced> priced =
                priced(
                        candidates,
                        analysis ->
                                results.meanCost(analysis)
                                        .or(() -> index.costOfInvalidAnswer(analysis)),
                        left);
        return chosen(now, meant, priced, left);
    }

    private static void count(Map<String, Long> left, String why, long count) {
        if (count > 0) {
            left.put(why, count);
        }
    }

    /** What the last plan could not read. */
    public Optional<String> unread() {
        return unread;
    }

    private List<String> known() {
        return knowledge.analyses().all().stream().map(AnalysisDefinition::name).toList();
    }

    private Optional<String> hindrance(Candidate candidate, Results results, Discards discards) {
        if (discards.at(candidate.place()).isPresent()) {
            return Optional.of(DISCARDED);
        }
        if (results.answer(candidate)) {
            return Optional.of(ANSWERED);
        }
        if (results.mayHaveForgotten(candidate)) {
            return Optional.of(FORGOTTEN);
        }
        if (limits.isRejudge()) {
            return candidate.hasAnswers() ? Optional.empty() : Optional.of(NO_ANSWER);
        }
        return candidate.generation() >= limits.maxGeneration() && !candidate.wasFree()
                ? Optional.of(
                        "they were redriven before ("
                                + candidate.generation()
                                + "x); --max-generation raises the limit")
                : Optional.empty();
    }

    /** A candidate that admission's rules let pass now, with its costs in USD. */
    private record Priced(BigDecimal estimate, BigDecimal worst) {
        static final Priced NOTHING = new Priced(BigDecimal.ZERO, BigDecimal.ZERO);
    }

    /** Reads the letters again for what their requests would cost, and whether they would pass. */
    private Map<DeadLetterPlace, Priced> priced(
            Map<DeadLetterPlace, Candidate> candidates,
            Function<String, Optional<BigDecimal>> expected,
            Map<String, Long> left) {
        Map<DeadLetterPlace, Priced> priced = new HashMap<>();
        Instant now = clock.instant();
        var _ =
                LetterReader.read(
                        connection,
                        filter,
                        stored -> {
                            Candidate candidate = candidates.get(stored.place());
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
            Map<DeadLetterPlace, Priced> priced,
            Map<String, Long> left) {
        Optional<SourceRecord> next = requests.next(stored, candidate.generation() + 1, now);
        if (next.isEmpty()) {
            left.merge(GONE, 1L, Long::sum);
            return;
        }
        try {
            switch (validator.check(next.get())) {
                case RequestValidator.Valid(var request) when limits.isRejudge() -> {
                    if (storedAnswers.accepts(request, stored.letter())) {
                        priced.put(candidate.place(), Priced.NOTHING);
                    } else {
                        left.merge(STILL_INVALID, 1L, Long::sum);
                    }
                }
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
            Instant now,
            List<Candidate> meant,
            Map<DeadLetterPlace, Priced> priced,
            Map<String, Long> left) {
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
     * Publishes the requests of a plan. What the brokers reject is left out, and the others go on.
     *
     * @param pace limits how many are published in a second
     * @param progress receives the number of requests that were sent so far
     * @throws IllegalStateException if the brokers do not answer; run the redrive again then
     */
    public Published publish(RedrivePlan plan, Optional<RateLimiter> pace, LongConsumer progress) {
        // The confirmation may have taken its time.
        Results since = new Results(connection, registry);
        since.read(plan.chosen(), plan.madeAt(), known());
        Discards discards = Discards.read(connection, filter.since());
        return new RedrivePublisher(connection, requests, pace, progress, clock)
                .publish(
                        filter,
                        plan,
                        candidate ->
                                !since.answer(candidate)
                                        && discards.at(candidate.place()).isEmpty());
    }

    @Override
    public void close() {
        storedAnswers.close();
        requests.close();
        registry.close();
    }
}
