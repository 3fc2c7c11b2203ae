package dev.sluice.app.cli.evals;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.app.cli.common.TimeOptions;
import dev.sluice.app.client.LenientDecoder;
import dev.sluice.app.client.OutcomeHistory;
import dev.sluice.app.client.OutcomeRecord;
import dev.sluice.app.client.RecordJson;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.evals.cases.EvalCase;
import dev.sluice.evals.result.TargetResult;
import dev.sluice.evals.run.CaseRun;
import dev.sluice.evals.run.CaseRun.Validity;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicRange;
import dev.sluice.runtime.kafka.TopicReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests of production as cases that expect a valid output, and how they ended.
 *
 * @param inProduction what came out of them
 */
record TopicSample(List<EvalCase> cases, TargetResult inProduction) {
    private static final String LABEL = "in production";

    /** Reasons that are about the model's answers. */
    private static final Set<String> INVALID =
            Set.of(
                    "INVALID_OUTPUT",
                    "OUTPUT_TRUNCATED",
                    "OUTPUT_TOO_LARGE",
                    "REFUSED_BY_MODEL",
                    "REJECTED_BY_PROVIDER");

    /** More are drawn than asked for, because some have no outcome that says anything. */
    private static final int RESERVE = 2;

    private record Drawn(AnalysisRequest request, String hash) {
        String user() {
            return request.getUserId().toString();
        }

        String id() {
            return request.getRequestId().toString();
        }

        /** Neither part has control characters. */
        String key() {
            return user() + "\0" + id();
        }
    }

    /**
     * Reads requests of a time and their outcomes.
     *
     * @param current the version whose outcomes count
     * @param most number of requests
     */
    static TopicSample read(
            KafkaConnection kafka, AnalysisDefinition current, TimeOptions times, int most) {
        String analysis = current.name();
        Map<String, Drawn> drawn = draw(kafka, analysis, times, RESERVE * most);
        Map<String, OutcomeRecord> outcomes = outcomes(kafka, analysis, times, drawn);
        List<EvalCase> cases = new ArrayList<>();
        List<CaseRun> runs = new ArrayList<>();
        for (Drawn one : drawn.values()) {
            Optional<OutcomeRecord> outcome = Optional.ofNullable(outcomes.get(one.key()));
            Optional<Validity> validity =
                    outcome.filter(made -> isOf(made, current)).flatMap(TopicSample::validity);
            if (validity.isPresent() && cases.size() < most) {
                EvalCase asked =
                        EvalCase.ofRequest(one.id(), one.request().getContent().toString());
                cases.add(asked);
                runs.add(run(asked, outcome.orElseThrow(), validity.get(), current));
            }
        }
        return new TopicSample(cases, TargetResult.of(current.fingerprint(), LABEL, cases, runs));
    }

    private static boolean isOf(OutcomeRecord outcome, AnalysisDefinition version) {
        return String.valueOf(outcome.value().get("analysisVersion")).equals(version.fingerprint());
    }

    /**
     * The requests whose hashes are lowest, in the order of the hashes: each is as probable as any
     * other. Of requests with the same content or id one is drawn.
     */
    private static Map<String, Drawn> draw(
            KafkaConnection kafka, String analysis, TimeOptions times, int most) {
        TreeMap<String, Drawn> byContent = new TreeMap<>();
        try (SchemaRegistry registry = kafka.openRegistry();
                TopicReader reader = TopicReader.open(kafka)) {
            LenientDecoder<AnalysisRequest> decoder =
                    new LenientDecoder<>(
                            kafka.deserializer(registry, AnalysisRequest.class),
                            kafka.topics().requests(),
                            request -> analysis.contentEquals(request.getAnalysis()));
            reader.read(
                    kafka.topics().requests(),
                    new TopicRange(times.since(), times.until(), Map.of()),
                    record ->
                            decoder.decode(record)
                                    .ifPresent(request -> {
                                        String hash = hash(request.getContent().toString());
                                        byContent.putIfAbsent(hash, new Drawn(request, hash));
                                        if (byContent.size() > most) {
                                            var _ = byContent.pollLastEntry();
                                        }
                                    }));
        }
        Map<String, Drawn> byId = new HashMap<>();
        byContent.values().forEach(one -> byId.putIfAbsent(one.id(), one));
        byContent
                .values()
                .removeIf(one -> !one.hash().equals(byId.getOrDefault(one.id(), one).hash()));
        return byContent;
    }

    private static Map<String, OutcomeRecord> outcomes(
            KafkaConnection kafka, String analysis, TimeOptions times, Map<String, Drawn> drawn) {
        Map<String, Drawn> byKey = new HashMap<>();
        drawn.values().forEach(one -> byKey.put(one.id(), one));
        Map<String, OutcomeRecord> outcomes = new HashMap<>();
        var _ =
                OutcomeHistory.read(
                        kafka,
                        List.of(kafka.topics().results(analysis), kafka.topics().deadLetters()),
                        times.since(),
                        Optional.empty(),
                        byKey::containsKey,
                        outcome ->
                                outcomes.merge(
                                        outcome.userId().orElse("")
                                                + "\0"
                                                + outcome.requestId().orElse(""),
                                        outcome,
                                        (before, now) -> now.generation() == 0 ? now : before));
        return outcomes;
    }

    /** Empty if the outcome says nothing of the version. */
    private static Optional<Validity> validity(OutcomeRecord outcome) {
        if (!outcome.isResult()) {
            return outcome.reason().filter(INVALID::contains).map(_ -> Validity.INVALID);
        }
        boolean isRepaired = outcome.value().get("repairs") instanceof Integer n && n > 0;
        return Optional.of(isRepaired ? Validity.REPAIRED : Validity.FIRST_TRY);
    }

    private static CaseRun run(
            EvalCase asked, OutcomeRecord outcome, Validity validity, AnalysisDefinition version) {
        return new CaseRun(
                new CaseRun.Slot(asked.id(), asked.hash(), version.fingerprint(), LABEL, 1),
                validity,
                outcome.message().orElse(""),
                List.of(),
                RecordJson.of(outcome.isResult() ? outcome.value().get("output") : null)
                                instanceof ObjectNode output
                        ? Optional.of(output)
                        : Optional.empty(),
                List.of(),
                (int) outcome.value().get("calls"),
                outcome.costUsd(),
                outcome.unconfirmedUsd(),
                outcome.inputTokens(),
                outcome.outputTokens(),
                Double.NaN,
                outcome.endedAt());
    }

    private static String hash(String content) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256")
                                    .digest(content.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
