package dev.sluice.app.cli.analyze;

import dev.sluice.analysis.Analysis;
import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.failure.Violation;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.contract.Reason;
import dev.sluice.runtime.outcome.Reasons;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The report on each analysed file, as JSON or as text. */
final class AnalyzeReport {
    /** Writes amounts as numbers without an exponent. */
    private static final JsonMapper PLAIN =
            JsonMapper.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

    private final AnalysisDefinition definition;
    private final boolean json;
    private final boolean simulated;
    private ObjectNode report = JsonMapper.shared().createObjectNode();

    /**
     * @param simulated whether the simulator answers instead of the model
     */
    AnalyzeReport(AnalysisDefinition definition, boolean json, boolean simulated) {
        this.definition = definition;
        this.json = json;
        this.simulated = simulated;
    }

    void of(FileAnalysis.Done done) {
        if (!done.prompt().isEmpty()) {
            prompt(done.prompt());
        }
        switch (done.outcome()) {
            case FileAnalysis.TooLarge(var bytes) -> tooLarge(done.file(), bytes);
            case FileAnalysis.Ended(var analysis) -> outcome(done.file(), analysis);
        }
    }

    private void prompt(List<Message> messages) {
        ArrayNode prompt = report.putArray("prompt");
        messages.forEach(message ->
                prompt.addObject()
                        .put("role", message.role().name().toLowerCase(Locale.ROOT))
                        .put("text", message.text()));
    }

    private void tooLarge(String file, long bytes) {
        head(file);
        dead(
                Reason.INPUT_TOO_LARGE,
                "the content has "
                        + bytes
                        + " bytes; the limit is "
                        + definition.input().maxBytes(),
                List.of());
        calls(List.of());
    }

    private void outcome(String file, Analysis analysis) {
        head(file);
        switch (analysis) {
            case Analysis.Analysed analysed -> {
                report.put("outcome", "result").putNull("reason");
                report.set("output", analysed.output());
                report.putArray("violations");
                extent(analysed.input());
            }
            case Analysis.Failed failed -> {
                Failure failure = failed.failure();
                dead(
                        Reasons.of(failure),
                        failure.message(),
                        failure instanceof Failure.InvalidOutput invalid
                                ? invalid.violations()
                                : List.of());
                failed.answers().forEach(report.putArray("answers")::add);
            }
        }
        calls(analysis.calls());
    }

    /** Returns the report on the last file and begins a new one. */
    String written() {
        ObjectNode finished = report;
        report = JsonMapper.shared().createObjectNode();
        return json ? PLAIN.writeValueAsString(finished) : readable(finished);
    }

    private void head(String file) {
        report.put("file", file)
                .put("analysis", definition.name())
                .put("analysisVersion", definition.fingerprint())
                .put("simulated", simulated);
    }

    private void dead(Reason reason, String message, List<Violation> violations) {
        report.put("outcome", "deadLetter")
                .put("reason", reason.name())
                .put("message", message)
                .putNull("output");
        ArrayNode list = report.putArray("violations");
        violations.forEach(violation ->
                list.addObject()
                        .put("path", violation.path())
                        .put("rule", violation.rule())
                        .put("message", violation.message()));
    }

    private void extent(PreparedInput input) {
        report.putObject("input")
                .put("originalCharacters", input.originalCharacters())
                .put("reducedCharacters", input.reducedCharacters())
                .put("keptCharacters", input.keptCharacters())
                .put("truncated", input.truncated());
    }

    private void calls(List<Call> calls) {
        ArrayNode list = report.putArray("calls");
        calls.forEach(call -> add(list.addObject(), call));
        Cost total = calls.stream().map(Call::cost).reduce(Cost.ZERO, Cost::plus);
        report.put("costUsd", total.usd());
    }

    private static void add(ObjectNode node, Call call) {
        node.put("attempt", call.attempt())
                .put("purpose", call.purpose().name())
                .put("model", call.deployment().model())
                .put("modelId", call.deployment().modelId())
                .put("provider", call.deployment().endpoint().provider().label())
                .put("status", call.ending().status().name());
        if (call.ending().httpStatus().isPresent()) {
            node.put("httpStatus", call.ending().httpStatus().getAsInt());
        } else {
            node.putNull("httpStatus");
        }
        node.put("finishReason", call.ending().finishReason().orElse(null));
        node.put("responseId", call.ending().responseId().orElse(null));
        TokenUsage usage = call.usage();
        node.putObject("tokens")
                .put("input", usage.input())
                .put("cachedInput", usage.cachedInput())
                .put("cacheWrite", usage.cacheWrite())
                .put("output", usage.output())
                .put("reasoning", usage.reasoning());
        node.put("costUsd", call.cost().usd()).put("durationMillis", call.duration().toMillis());
    }

    private static String readable(ObjectNode report) {
        StringBuilder text = new StringBuilder();
        for (JsonNode message : report.path("prompt")) {
            text.append("--- ")
                    .append(message.path("role").asString())
                    .append('\n')
                    .append(message.path("text").asString())
                    .append('\n');
        }
        boolean valid = report.path("outcome").asString().equals("result");
        text.append(report.path("file").asString())
                .append(": ")
                .append(valid ? "valid" : report.path("reason").asString())
                .append(", ")
                .append(report.path("calls").size())
                .append(report.path("calls").size() == 1 ? " call, " : " calls, ")
                .append(sum(report, "input"))
                .append(" + ")
                .append(sum(report, "output"))
                .append(" tokens, ")
                .append(report.path("costUsd").decimalValue().toPlainString())
                .append(" USD")
                .append(
                        report.path("simulated").asBoolean()
                                ? ", answered by the simulator\n"
                                : "\n");
        if (valid) {
            return text.append(report.path("output").toPrettyString()).toString();
        }
        text.append(report.path("message").asString());
        for (JsonNode violation : report.path("violations")) {
            String path = violation.path("path").asString();
            text.append("\n  ")
                    .append(path.isEmpty() ? "(whole answer)" : path)
                    .append(": ")
                    .append(violation.path("message").asString());
        }
        for (JsonNode answer : report.path("answers")) {
            text.append("\n--- answer\n").append(answer.asString());
        }
        return text.toString();
    }

    private static long sum(ObjectNode report, String kind) {
        return report.path("calls")
                .valueStream()
                .mapToLong(call -> call.path("tokens").path(kind).asLong())
                .sum();
    }
}
