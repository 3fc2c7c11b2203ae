package dev.sluice.app.operate;

import dev.sluice.analysis.compute.ComputeLimits;
import dev.sluice.app.client.Newest;
import dev.sluice.app.client.UnreadRecords;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.app.letters.DiscardWriter;
import dev.sluice.app.letters.Discards;
import dev.sluice.app.letters.LetterGroups;
import dev.sluice.app.letters.LetterGroups.By;
import dev.sluice.app.letters.LetterJson;
import dev.sluice.app.letters.LetterReader;
import dev.sluice.app.letters.LetterRequest;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.app.operate.OperationRefusedException.Kind;
import dev.sluice.app.redrive.Published;
import dev.sluice.app.redrive.Redrive;
import dev.sluice.app.redrive.RedriveLimits;
import dev.sluice.app.redrive.RedrivePlan;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The operations on the dead letters of an installation, with the service's login. */
public final class KafkaLetterOperations implements LetterOperations {
    private static final Logger log = LoggerFactory.getLogger(KafkaLetterOperations.class);

    /** How many of the newest dead letters a list has. */
    private static final int NEWEST = 50;

    /** Most dead letters of one request that are shown whole. */
    private static final int SHOWN = 5;

    /** Most dead letters among which a redrive is planned, and that are discarded at once. */
    private static final long MOST = 100_000;

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration READING = Duration.ofMinutes(1);
    private static final Duration PLANNING = Duration.ofMinutes(2);
    private static final Duration CHANGING = Duration.ofMinutes(10);

    private static final String ADVICE =
            "choose a shorter time, or use sluice dead-letters on the command line";
    private static final String AGAIN = "do the same again for the rest";
    private static final String PLAN_AGAIN =
            "plan again for the rest: what is published already is not paid twice";

    private static final Comparator<StoredLetter> BY_TIME =
            Comparator.comparing(StoredLetter::failedAt);

    private final KafkaConnection connection;
    private final ServicePlan service;
    private final InstantSource clock;
    private final OneAtATime turns = new OneAtATime(PATIENCE);

    /** Used by one operation at a time. */
    private final KeptPlans<Planned> plans;

    /** A plan, and what it was made with. */
    private record Planned(LetterQuery query, Terms terms, RedrivePlan plan) {}

    /** What is kept of a listed dead letter, which may have megabytes. */
    private record Listed(Instant failedAt, ObjectNode summary) {
        static Listed of(StoredLetter letter) {
            return new Listed(letter.failedAt(), LetterJson.summary(letter, Optional.empty()));
        }
    }

    public KafkaLetterOperations(ServicePlan service, InstantSource clock) {
        this.connection = service.kafka().withShortTimeouts();
        this.service = service;
        this.clock = clock;
        this.plans = new KeptPlans<>(MOST, clock);
    }

    @Override
    public ObjectNode list(LetterQuery query) {
        return turns.run("a list", READING, ADVICE, () -> listed(query));
    }

    private ObjectNode listed(LetterQuery asked) {
        plans.dropOld();
        LetterQuery query = asked.upTo(LetterReader.ends(connection));
        Discards discards = Discards.read(connection, query.since());
        LetterGroups groups = new LetterGroups(List.of(By.REASON, By.ANALYSIS));
        Newest<Listed> newest = new Newest<>(NEWEST, Comparator.comparing(Listed::failedAt));
        long[] discarded = {0};
        UnreadRecords unread =
                LetterReader.read(
                        connection,
                        query.filter(),
                        letter -> {
                            if (discards.at(letter.place()).isPresent()) {
                                discarded[0]++;
                            } else {
                                groups.add(letter);
                                newest.add(Listed.of(letter));
                            }
                        });
        ObjectNode answer = JsonMapper.shared().createObjectNode();
        answer.put("since", query.since().toString());
        answer.put("ends", text(query.ends()));
        answer.put("count", newest.all());
        answer.put("discarded", discarded[0]);
        unread.warning().ifPresent(warning -> answer.put("unread", warning));
        ArrayNode all = answer.putArray("groups");
        for (LetterGroups.Group group : groups.largestFirst()) {
            all.addObject()
                    .put("reason", group.values().getFirst())
                    .put("analysis", group.values().getLast())
                    .put("count", group.count())
                    .put("costUsd", group.costUsd());
        }
        ArrayNode letters = answer.putArray("letters");
        newest.sorted().forEach(letter -> letters.add(letter.summary()));
        return answer;
    }

    /** Such as {@code 0@17,1@20}. */
    private static String text(Map<Integer, Long> ends) {
        return ends.entrySet().stream()
                .map(end -> new DeadLetterPlace(end.getKey(), end.getValue()).toString())
                .collect(Collectors.joining(","));
    }

    @Override
    public ObjectNode show(LetterQuery query) {
        return turns.run(
                "a dead letter",
                READING,
                ADVICE,
                () -> {
                    Newest<StoredLetter> found = new Newest<>(SHOWN, BY_TIME);
                    var _ = LetterReader.read(connection, query.filter(), found::add);
                    return pages(found.sorted(), Discards.read(connection, query.since()));
                });
    }

    @Override
    public ObjectNode show(DeadLetterPlace place) {
        return turns.run(
                "a dead letter",
                READING,
                ADVICE,
                () -> {
                    Optional<StoredLetter> found = LetterReader.find(connection, place);
                    return pages(
                            found.stream().toList(),
                            found.isEmpty()
                                    ? Discards.NONE
                                    : Discards.read(connection, found.get().writtenAt()));
                });
    }

    private ObjectNode pages(List<StoredLetter> found, Discards discards) {
        ObjectNode answer = JsonMapper.shared().createObjectNode();
        ArrayNode letters = answer.putArray("letters");
        try (SchemaRegistry registry = connection.openRegistry()) {
            ConfluentAvroDeserializer<AnalysisRequest> requests =
                    connection.deserializer(registry, AnalysisRequest.class);
            for (StoredLetter letter : found) {
                letters.add(
                        LetterJson.page(
                                letter,
                                discards.at(letter.place()),
                                LetterRequest.of(letter.letter(), requests)));
            }
        }
        return answer;
    }

    @Override
    public ObjectNode plan(LetterQuery query, Terms terms) {
        return turns.run("a plan", PLANNING, ADVICE, () -> planned(query, terms));
    }

    private ObjectNode planned(LetterQuery query, Terms terms) {
        ObjectNode answer = JsonMapper.shared().createObjectNode();
        try (Redrive redrive = open(query, terms)) {
            RedrivePlan plan = redrive.plan(KafkaLetterOperations::requireFew);
            answer.put("plan", plans.add(new Planned(query, terms, plan), plan.size()));
            answer.put("rejudge", terms.isRejudge());
            answer.put("requests", plan.size());
            answer.put("shared", terms.isRejudge() ? 0 : plan.shared());
            answer.put("estimatedUsd", plan.estimatedUsd());
            answer.put("worstUsd", plan.worstUsd());
            redrive.unread().ifPresent(warning -> answer.put("unread", warning));
            numbers(answer.putObject("byReason"), plan.byReason());
            numbers(answer.putObject("left"), plan.left());
        }
        return answer;
    }

    private static void numbers(ObjectNode into, Map<String, Long> numbers) {
        numbers.forEach(into::put);
    }

    /** Plans and discards are kept in the memory of a process that serves requests. */
    private static void requireFew(long count) {
        if (count > MOST) {
            throw new OperationRefusedException(
                    Kind.CONFLICT,
                    "there are more than %,d dead letters in that time, which is too much for this page; %s"
                            .formatted(MOST, ADVICE));
        }
    }

    private Redrive open(LetterQuery query, Terms terms) {
        return new Redrive(
                connection,
                service.knowledge(),
                Deployments.modelIds(service.models(), service.knowledge().prices()),
                service.admission().limits().budgets(),
                query.filter(),
                new RedriveLimits(
                        Optional.empty(), terms.maxUsd(), 1, terms.deadline(), terms.isRejudge()),
                new ComputeLimits(1, service.compute().timeout()),
                clock);
    }

    @Override
    public ObjectNode redrive(String plan, String by) {
        return turns.run("a redrive", CHANGING, PLAN_AGAIN, () -> redriven(plan, by));
    }

    private ObjectNode redriven(String id, String by) {
        Planned planned =
                plans.find(id)
                        .orElseThrow(() ->
                                new OperationRefusedException(
                                        Kind.CONFLICT,
                                        "this plan is gone, plan again: plans are kept for "
                                                + KeptPlans.LIFE.toMinutes()
                                                + " minutes, in the process that made them, and"
                                                + " no longer than newer ones leave them room"));
        Published done;
        log.atInfo()
                .addKeyValue("by", by)
                .addKeyValue("query", planned.query())
                .addKeyValue("terms", planned.terms())
                .addKeyValue("requests", planned.plan().size())
                .addKeyValue("estimated_usd", planned.plan().estimatedUsd())
                .addKeyValue("at_most_usd", planned.plan().worstUsd())
                .log("dead letters are redriven from the console");
        try (Redrive redrive = open(planned.query(), planned.terms())) {
            done = redrive.publish(planned.plan(), Optional.empty(), _ -> {});
        }
        plans.remove(id);
        log.atInfo()
                .addKeyValue("by", by)
                .addKeyValue("published", done.published())
                .addKeyValue("skipped", done.skipped())
                .addKeyValue("rejected", done.rejected().size())
                .log("dead letters were redriven from the console");
        ObjectNode answer = JsonMapper.shared().createObjectNode();
        answer.put("published", done.published()).put("skipped", done.skipped());
        ArrayNode rejected = answer.putArray("rejected");
        done.rejected().forEach(rejected::add);
        return answer;
    }

    @Override
    public ObjectNode discard(
            LetterQuery query, long expected, String note, Instant at, String by) {
        return turns.run(
                "a discard",
                CHANGING,
                AGAIN,
                () -> {
                    Discards discards = Discards.read(connection, query.since());
                    Collection<DiscardWriter.Target> targets =
                            targets(query, letter -> discards.at(letter.place()).isEmpty());
                    if (targets.size() > expected) {
                        throw new OperationRefusedException(
                                Kind.CONFLICT,
                                "there are more dead letters than in the list, by %,d: read it again"
                                        .formatted(targets.size() - expected));
                    }
                    log.atInfo()
                            .addKeyValue("by", by)
                            .addKeyValue("query", query)
                            .addKeyValue("count", targets.size())
                            .addKeyValue("note", note)
                            .addKeyValue("at", at)
                            .log("dead letters are discarded from the console");
                    new DiscardWriter(connection).discard(targets, note, by, at);
                    return JsonMapper.shared().createObjectNode().put("discarded", targets.size());
                });
    }

    @Override
    public ObjectNode takeBack(LetterQuery query, Instant at, String by) {
        return turns.run(
                "a discard",
                CHANGING,
                AGAIN,
                () -> {
                    Discards discards = Discards.read(connection, query.since());
                    Collection<DiscardWriter.Target> targets =
                            targets(query, letter -> discards.isOf(letter.place(), at));
                    log.atInfo()
                            .addKeyValue("by", by)
                            .addKeyValue("query", query)
                            .addKeyValue("count", targets.size())
                            .addKeyValue("at", at)
                            .log("discards are taken back from the console");
                    new DiscardWriter(connection).takeBack(targets);
                    return JsonMapper.shared().createObjectNode().put("takenBack", targets.size());
                });
    }

    private Collection<DiscardWriter.Target> targets(
            LetterQuery query, Predicate<StoredLetter> isMeant) {
        List<DiscardWriter.Target> targets = new ArrayList<>();
        var _ =
                LetterReader.read(
                        connection,
                        query.filter(),
                        letter -> {
                            if (isMeant.test(letter)) {
                                targets.add(DiscardWriter.Target.of(letter));
                                requireFew(targets.size());
                            }
                        });
        return targets;
    }

    @Override
    public void close() {
        turns.close();
    }
}
