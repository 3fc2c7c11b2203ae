package dev.sluice.simulator;

import dev.sluice.simulator.Dialect.Ending;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Faults that occur with every provider's models and servers. */
final class ModelFaults {
    static final Fault.Group GROUP =
            new Fault.Group(
                    "What happens everywhere",
                    List.of(
                            new Fault(
                                    "throttled",
                                    "429 with Retry-After of a second",
                                    Deviation.turnsAway((dialect, server, request) ->
                                            server.throttled(dialect, Duration.ofSeconds(1)))),
                            new Fault(
                                    "error",
                                    "500",
                                    Deviation.turnsAway((dialect, server, request) ->
                                            server.error(dialect, Trouble.FAILED, ""))),
                            new Fault(
                                    "malformed",
                                    "the JSON is cut off, although the model reports a normal end",
                                    drafts(text -> first(text, 2.0 / 3))),
                            new Fault(
                                    "fenced",
                                    "the JSON stands in a code fence after a sentence",
                                    drafts(text ->
                                            "Here is the analysis:\n```json\n" + text + "\n```\n")),
                            new Fault(
                                    "out-of-range",
                                    "a field of the JSON is outside its bounds",
                                    drafts(ModelFaults::outOfRange)),
                            new Fault(
                                    "refusal",
                                    "the model declines",
                                    Deviation.drafts(draft ->
                                            draft.saying(
                                                            "I'm sorry, but I can't help"
                                                                    + " with that.")
                                                    .ending(Ending.REFUSAL))),
                            new Fault(
                                    "length",
                                    "the model runs into its output limit",
                                    Deviation.drafts(draft ->
                                            draft.saying(first(draft.text(), 0.5))
                                                    .ending(Ending.LENGTH)))));

    private ModelFaults() {}

    private static Deviation drafts(UnaryOperator<String> change) {
        return Deviation.drafts(draft -> draft.saying(change.apply(draft.text())));
    }

    /** The first part of a text. */
    static String first(String text, double share) {
        return text.substring(0, (int) (text.length() * share));
    }

    /** Replaces the first number by one far out of any bounds, or an object by a text. */
    private static String outOfRange(String text) {
        if (text.startsWith("{")
                && JsonMapper.shared().readTree(text) instanceof ObjectNode object) {
            for (String field : object.propertyNames()) {
                if (object.path(field).isNumber()) {
                    object.put(field, 1_000_000_007);
                    return object.toString();
                }
            }
        }
        return "{\"unexpected\":true}";
    }
}
