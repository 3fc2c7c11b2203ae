package dev.sluice.app.letters;

import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Discard;
import dev.sluice.contract.Violation;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Dead letters as JSON. */
public final class LetterJson {
    /** Most characters of an answer, or of a content, on a page. */
    private static final int LONGEST = 100_000;

    private LetterJson() {}

    /** What a list says of a dead letter; ids and names that are too long to be valid are cut. */
    public static ObjectNode summary(StoredLetter stored, Optional<Discard> discard) {
        DeadLetter letter = stored.letter();
        ObjectNode line = JsonMapper.shared().createObjectNode();
        line.put("failedAt", stored.failedAt().toString());
        line.put("requestId", text(letter.getRequestId()));
        line.put("userId", text(letter.getUserId()));
        line.put("generation", letter.getGeneration());
        line.put("analysis", text(letter.getAnalysis()));
        line.put("analysisVersion", text(letter.getAnalysisVersion()));
        line.put("model", text(letter.getModel()));
        line.put("kind", letter.getKind().name());
        line.put("reason", letter.getReason().name());
        line.put("message", letter.getMessage().toString());
        line.put("calls", letter.getCalls());
        line.put("costUsd", letter.getCostUsd());
        line.put("unconfirmedUsd", letter.getUnconfirmedUsd());
        line.put("stage", letter.getStage().name());
        line.put("retryAt", text(letter.getRetryAt()));
        line.put("paidBy", text(letter.getPaidBy()));
        discard.ifPresent(done -> line.put("discarded", done.getNote().toString()));
        line.put("partition", stored.partition());
        line.put("offset", stored.offset());
        return line;
    }

    /** All that a dead letter says; what is very long is cut. */
    public static ObjectNode page(
            StoredLetter stored, Optional<Discard> discard, LetterRequest request) {
        DeadLetter letter = stored.letter();
        ObjectNode page = summary(stored, discard);
        ArrayNode answers = page.putArray("answers");
        letter.getRawAnswers().forEach(answer -> answers.add(cut(answer.toString())));
        violations(page.putArray("violations"), letter);
        ObjectNode attributes = page.putObject("attributes");
        letter.getAttributes()
                .forEach((name, value) -> attributes.put(name.toString(), value.toString()));
        page.put("requestRecord", request.place());
        switch (request) {
            case LetterRequest.Decoded decoded -> page.put("content", cut(decoded.content()));
            case LetterRequest.Unreadable unreadable -> page.put("unreadable", unreadable.why());
        }
        ArrayNode headers = page.putArray("headers");
        stored.headers()
                .forEach(header ->
                        headers.addObject()
                                .put("name", header.name())
                                .put("value", header.value()));
        return page;
    }

    /** The violations of the last answer, and the part of it that each is about. */
    private static void violations(ArrayNode into, DeadLetter letter) {
        List<CharSequence> answers = letter.getRawAnswers();
        AnswerPlaces places =
                new AnswerPlaces(answers.isEmpty() ? "" : answers.getLast().toString());
        for (Violation violation : letter.getViolations()) {
            String path = violation.getPath().toString();
            ObjectNode listed =
                    into.addObject()
                            .put("path", path)
                            .put("rule", violation.getRule().toString())
                            .put("message", violation.getMessage().toString());
            places.marked(path).ifPresent(marked -> listed.put("marked", marked));
        }
    }

    private static String cut(String text) {
        return text.length() <= LONGEST
                ? text
                : text.substring(0, LONGEST) + " … (" + text.length() + " characters)";
    }

    private static @Nullable String text(@Nullable Object field) {
        return field == null ? null : ShortText.of(field.toString());
    }
}
