package dev.sluice.app.console;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.analysis.compute.ComputeLimits;
import dev.sluice.app.client.Newest;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.app.letters.DiscardWriter;
import dev.sluice.app.letters.Discards;
import dev.sluice.app.letters.LetterFilter;
import dev.sluice.app.letters.LetterGroups;
import dev.sluice.app.letters.LetterGroups.By;
import dev.sluice.app.letters.LetterJson;
import dev.sluice.app.letters.LetterReader;
import dev.sluice.app.letters.LetterRequest;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.app.redrive.Published;
import dev.sluice.app.redrive.Redrive;
import dev.sluice.app.redrive.RedriveLimits;
import dev.sluice.app.redrive.RedrivePlan;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.Reason;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import java.io.Serial;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers the console's questions about dead letters, redrives and discards them. Each question
 * reads topics, in the process that serves requests: so there is one at a time, and a redrive of
 * very many is left to the command. Safe for use by many threads.
 */
public final class LetterDesk implements AutoCloseable {
    private static final int NEWEST = 50;

    /** Most dead letters of one request that are shown whole. */
    private static final int SHOWN = 5;

    /** Most dead letters of which a redrive is planned here. */
    static final long MOST = 100_000;

    private static final Duration PLAN_LIFE = Duration.ofMinutes(10);

    private final KafkaConnection connection;
    private final ServicePlan service;
    private final InstantSource clock;
    private final Semaphore turn = new Semaphore(1);

    /** The last plan; guarded by the turn. */
    private Optional<Planned> planned = Optional.empty();

    private record Planned(String id, Redrive redrive, RedrivePlan plan, Instant madeAt) {}

    /** What is kept of a listed dead letter, which may have megabytes. */
    private record Listed(Instant failedAt, ObjectNode summary) {
        static Listed of(StoredLetter letter) {
            return new Listed(letter.failedAt(), LetterJson.summary(letter, Optional.empty()));
        }
    }

    /** Which dead letters a question is about. */
    public record Question(
            int hours,
            Set<Reason> reasons,
            Optional<String> analysis,
            Optional<String> user,
            Optional<String> request) {}

    /** A question that cannot be answered. */
    public static final class Refusal extends RuntimeException {
        @Serial private static final long serialVersionUID = 1L;

        private final int status;

        /**
         * @param status of HTTP
         */
        public Refusal(int status, String message) {
            super(message);
            this.status = status;
        }

        public int status() {
            return status;
        }
    }

    public LetterDesk(ServicePlan service, InstantSource clock) {
        this.connection = service.kafka();
        this.service = service;
        this.clock = clock;
    }

    /** The groups of reason and analysis, and the newest dead letters. */
    public ObjectNode list(Question question) {
        return inTurn(() -> {
            Discards discards = Discards.read(connection);
            LetterGroups groups = new LetterGroups(List.of(By.REASON, By.ANALYSIS));
            Newest<Listed> newest = new Newest<>(NEWEST, Comparator.comparing(Listed::failedAt));
            long[] discarded = {0};
            var _ =
                    LetterReader.read(
                            connection,
                            filter(question),
                            letter -> {
                                if (discards.at(letter.place()).isPresent()) {
                                    discarded[0]++;
                                } else {
                                    groups.add(letter);
                                    newest.add(Listed.of(letter));
                                }
                            });
            ObjectNode answer = JsonMapper.shared().createObjectNode();
            ArrayNode listed = answer.putArray("groups");
            for (LetterGroups.Group group : groups.largestFirst()) {
                listed.addObject()
                        .put("reason", group.values().getFirst())
                        .put("analysis", group.values().getLast())
                        .put("count", group.count())
                        .put("costUsd", group.costUsd());
            }
            answer.put("discarded", discarded[0]);
            ArrayNode letters = answer.putArray("letters");
            newest.sorted().forEach(letter -> letters.add(letter.summary()));
            return answer;
        });
    }

    /** What the newest dead letters of a request say, the newest first. */
    public ObjectNode show(Question question) {
        return inTurn(() -> {
            Discards discards = Discards.read(connection);
            Newest<StoredLetter> found =
                    new Newest<>(SHOWN, Comparator.comparing(StoredLetter::failedAt));
            var _ = LetterReader.read(connection, filter(question), found::add);
            ObjectNode answer = JsonMapper.shared().createObjectNode();
            ArrayNode letters = answer.putArray("letters");
            try (SchemaRegistry registry = connection.openRegistry()) {
                ConfluentAvroDeserializer<AnalysisRequest> requests =
                        connection.deserializer(registry, AnalysisRequest.class);
                for (StoredLetter letter : found.sorted()) {
                    letters.add(
                            LetterJson.page(
                                    letter,
                                    discards.at(letter.place()),
                                    LetterRequest.of(letter.letter(), requests)));
                }
            }
            return answer;
        });
    }

    /** Plans a redrive, or a rejudgement; {@link #redrive} carries it out. */
    public ObjectNode plan(Question question, boolean isRejudge) {
        return inTurn(() -> {
            forget();
            requireFew(question);
            Redrive redrive = redrive(question, isRejudge);
            RedrivePlan plan;
            try {
                plan = redrive.plan();
            } catch (RuntimeException e) {
                redrive.close();
                throw e;
            }
            Planned made =
                    new Planned(UUID.randomUUID().toString(), redrive, plan, clock.instant());
            planned = Optional.of(made);
            ObjectNode answer = JsonMapper.shared().createObjectNode();
            answer.put("plan", made.id());
            answer.put("rejudge", isRejudge);
            answer.put("requests", plan.size());
            answer.put("estimatedUsd", plan.estimatedUsd());
            answer.put("worstUsd", plan.worstUsd());
            numbers(answer.putObject("byReason"), plan.byReason());
            numbers(answer.putObject("left"), plan.left());
            return answer;
        });
    }

    private static void numbers(ObjectNode into, Map<String, Long> numbers) {
        numbers.forEach(into::put);
    }

    /** A plan is kept in memory. */
    private void requireFew(Question question) {
        long[] count = {0};
        var _ = LetterReader.read(connection, filter(question).ofAnyKind(), _ -> count[0]++);
        if (count[0] > MOST) {
            throw new Refusal(
                    409,
                    "%,d dead letters are too many for this page, which plans redrives among %,d; use sluice dead-letters redrive, or a shorter time"
                            .formatted(count[0], MOST));
        }
    }

    private Redrive redrive(Question question, boolean isRejudge) {
        Budgets budgets = service.admission().limits().budgets();
        ComputeLimits one = new ComputeLimits(1, service.compute().timeout());
        return new Redrive(
                connection,
                service.knowledge(),
                Deployments.modelIds(service.models(), service.knowledge().prices()),
                budgets,
                filter(question),
                new RedriveLimits(
                        Optional.empty(), Optional.empty(), 1, Optional.empty(), isRejudge),
                one,
                clock);
    }

    /** Carries the last plan out. */
    public ObjectNode redrive(String id) {
        return inTurn(() -> {
            Planned last =
                    planned.filter(one -> one.id().equals(id))
                            .orElseThrow(() ->
                                    new Refusal(
                                            409,
                                            "this plan is gone: another one was made, or it is older"
                                                    + " than ten minutes; plan again"));
            Published done = last.redrive().publish(last.plan(), Optional.empty(), _ -> {});
            forget();
            ObjectNode answer = JsonMapper.shared().createObjectNode();
            answer.put("published", done.published()).put("skipped", done.skipped());
            ArrayNode rejected = answer.putArray("rejected");
            done.rejected().forEach(rejected::add);
            return answer;
        });
    }

    /** Discards the dead letters that a question is about. */
    public ObjectNode discard(Question question, String note) {
        return inTurn(() -> {
            Discards discards = Discards.read(connection);
            List<DiscardWriter.Target> targets = new ArrayList<>();
            var _ =
                    LetterReader.read(
                            connection,
                            filter(question),
                            letter -> {
                                if (discards.at(letter.place()).isEmpty()) {
                                    targets.add(DiscardWriter.Target.of(letter));
                                }
                            });
            try {
                new DiscardWriter(connection, clock).discard(targets, note, "console");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Refusal(503, "interrupted; try again");
            }
            return JsonMapper.shared().createObjectNode().put("discarded", targets.size());
        });
    }

    private LetterFilter filter(Question question) {
        return new LetterFilter(
                clock.instant().minus(Duration.ofHours(question.hours())),
                Optional.empty(),
                question.reasons(),
                Set.of(),
                question.request(),
                question.user(),
                question.analysis(),
                Optional.empty(),
                Optional.empty());
    }

    private boolean isOld(Planned one) {
        return clock.instant().isAfter(one.madeAt().plus(PLAN_LIFE));
    }

    private void forget() {
        planned.ifPresent(last -> last.redrive().close());
        planned = Optional.empty();
    }

    private <T> T inTurn(Supplier<T> work) {
        if (!turn.tryAcquire()) {
            throw new Refusal(409, "another question is being answered; try again in a moment");
        }
        try {
            if (planned.filter(this::isOld).isPresent()) {
                forget();
            }
            return work.get();
        } finally {
            turn.release();
        }
    }

    @Override
    public void close() {
        if (turn.tryAcquire()) {
            forget();
            turn.release();
        }
    }
}
