package dev.sluice.simulator;

import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** Faults in which the answer is correct, but its text stands in another place than usual. */
final class ContentFaults {
    private static final String THOUGHT =
            "First I look at {\"title_tag\": \"none yet\"} and then at the headings { h1, h2 }.";

    static final Fault.Group GROUP =
            new Fault.Group(
                    "Content (charged)",
                    List.of(
                            Fault.either(
                                    "content-parts",
                                    "content is a list of thinking and text parts, as Mistral's and"
                                            + " Anthropic's",
                                    UsageFaults.reasons()
                                            .and(Deviation.writes(ContentFaults::thinkingParts)),
                                    UsageFaults.reasons()
                                            .and(Deviation.writes(ContentFaults::thinkingBlock))),
                            Fault.either(
                                    "content-text-parts",
                                    "content is a list of two text parts",
                                    Deviation.writes(ContentFaults::textParts),
                                    Deviation.writes(ContentFaults::textBlocks)),
                            new Fault(
                                    "think-block",
                                    "a <think> block with braces stands before the answer",
                                    before("<think>\n" + THOUGHT + "\n</think>\n\n")),
                            new Fault(
                                    "think-block-fenced",
                                    "the same, and the answer in a code fence",
                                    Deviation.drafts(draft ->
                                            draft.saying(
                                                    "<think>\n"
                                                            + THOUGHT
                                                            + "\n</think>\n```json\n"
                                                            + draft.text()
                                                            + "\n```"))),
                            Fault.ofChat(
                                    "reasoning-content",
                                    "the thinking stands in reasoning_content",
                                    UsageFaults.reasons()
                                            .and(
                                                    Deviation.writes(envelope ->
                                                            envelope.message()
                                                                    .put(
                                                                            "reasoning_content",
                                                                            THOUGHT)))),
                            new Fault(
                                    "failed-generation",
                                    "400 json_validate_failed with the model's answer, as Groq's",
                                    failedGeneration()),
                            new Fault(
                                    "too-large-413",
                                    "413 with the words of a token limit, as Groq's; not charged",
                                    Deviation.turnsAway(
                                            ErrorShape.OPENAI.answer(
                                                    413,
                                                    "tokens",
                                                    "rate_limit_exceeded",
                                                    "Request too large for the model on tokens per"
                                                            + " minute (TPM): Limit 6000, Requested"
                                                            + " 7450, please reduce your message"
                                                            + " size and try again."))),
                            new Fault(
                                    "too-large-400",
                                    "400 context_length_exceeded; not charged",
                                    Deviation.turnsAway(
                                            ErrorShape.OPENAI.answer(
                                                    400,
                                                    "invalid_request_error",
                                                    "context_length_exceeded",
                                                    "This model's maximum context length is 8192"
                                                            + " tokens. Please reduce the length of"
                                                            + " the messages.")))));

    private ContentFaults() {}

    private static Deviation before(String beginning) {
        return Deviation.drafts(draft -> draft.saying(beginning + draft.text()));
    }

    /** Mistral's parts with thinking. */
    static void thinkingParts(Envelope envelope) {
        ArrayNode parts = envelope.message().putArray("content");
        parts.addObject()
                .put("type", "thinking")
                .putArray("thinking")
                .addObject()
                .put("type", "text")
                .put("text", THOUGHT);
        text(parts, envelope.reply().text());
    }

    /** Anthropic's thinking block before the answer. */
    private static void thinkingBlock(Envelope envelope) {
        envelope.blocks()
                .insertObject(0)
                .put("type", "thinking")
                .put("thinking", THOUGHT)
                .put("signature", "c2ltdWxhdGVk");
    }

    private static void textParts(Envelope envelope) {
        halves(envelope.message().putArray("content"), envelope.reply().text());
    }

    /** Text blocks. A tool's input stays one block. */
    private static void textBlocks(Envelope envelope) {
        if (envelope.blocks().path(0).path("type").asString("").equals("text")) {
            halves(envelope.json().putArray("content"), envelope.reply().text());
        }
    }

    private static void halves(ArrayNode parts, String all) {
        int middle = all.offsetByCodePoints(0, all.codePointCount(0, all.length()) / 2);
        text(parts, all.substring(0, middle));
        text(parts, all.substring(middle));
    }

    private static void text(ArrayNode parts, String text) {
        parts.addObject().put("type", "text").put("text", text);
    }

    /** A 400: the model's answer did not match the schema, and the server reports it. */
    private static Deviation failedGeneration() {
        return Deviation.drafts(draft -> draft.saying(ModelFaults.first(draft.text(), 2.0 / 3)))
                .and(
                        Deviation.sends((envelope, answer) -> {
                            var body = JsonMapper.shared().createObjectNode();
                            body.putObject("error")
                                    .put(
                                            "message",
                                            "Failed to generate JSON. Please adjust your"
                                                    + " prompt. See 'failed_generation' for more"
                                                    + " details.")
                                    .put("type", "invalid_request_error")
                                    .put("code", "json_validate_failed")
                                    .put("failed_generation", envelope.reply().text());
                            return answer.saying(body.toString()).as(400);
                        }));
    }
}
