package dev.sluice.app.cli.letters;

import dev.sluice.app.cli.common.SafeText;
import dev.sluice.app.letters.AnswerPlaces;
import dev.sluice.app.letters.LetterRequest;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Discard;
import dev.sluice.contract.Violation;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;

/** All that a dead letter says, on a page for people. */
final class LetterPage {
    private static final int BEGINNING = 500;
    private static final String INDENT = "    ";

    private final PrintWriter out;
    private final boolean wholeContent;

    /**
     * @param wholeContent whether a request's content is shown whole, not only its beginning
     */
    LetterPage(PrintWriter out, boolean wholeContent) {
        this.out = out;
        this.wholeContent = wholeContent;
    }

    void print(StoredLetter stored, Optional<Discard> discard, LetterRequest request) {
        DeadLetter letter = stored.letter();
        out.printf(
                "%s: %s (%s)%n",
                SafeText.orNone(letter.getRequestId()), letter.getReason(), letter.getKind());
        discard.ifPresent(done ->
                line(
                        "discarded",
                        done.getNote()
                                + " ("
                                + SafeText.orNone(done.getDiscardedBy())
                                + ", "
                                + done.getDiscardedAt()
                                + ")"));
        line("message", letter.getMessage());
        line("user", SafeText.orNone(letter.getUserId()));
        line(
                "analysis",
                SafeText.orNone(letter.getAnalysis())
                        + ", version "
                        + SafeText.orNone(letter.getAnalysisVersion()));
        line("model", SafeText.orNone(letter.getModel()));
        line("ended in", letter.getStage() + " at " + letter.getFailedAt());
        line("generation", String.valueOf(letter.getGeneration()));
        line(
                "cost",
                "%s USD confirmed, %s USD unconfirmed, %d calls, %d input and %d output tokens"
                        .formatted(
                                letter.getCostUsd().toPlainString(),
                                letter.getUnconfirmedUsd().toPlainString(),
                                letter.getCalls(),
                                letter.getUsage().getInputTokens(),
                                letter.getUsage().getOutputTokens()));
        if (letter.getRetryAt() != null) {
            line("send again", "from " + letter.getRetryAt() + " on");
        }
        if (letter.getPaidBy() != null) {
            line("shared with", letter.getPaidBy() + ", whose job ended like this");
        }
        letter.getAttributes().forEach((name, value) -> line("attribute", name + "=" + value));
        printAnswers(letter);
        printRequest(request);
        line("stored", "partition " + stored.partition() + ", offset " + stored.offset());
        stored.headers().forEach(header -> line("header", header.name() + "=" + header.value()));
        out.println();
    }

    private void line(String name, CharSequence value) {
        out.printf("  %-12s %s%n", name, SafeText.of(value));
    }

    private void lines(String text) {
        text.lines().forEach(line -> out.println(INDENT + SafeText.of(line)));
    }

    private void printAnswers(DeadLetter letter) {
        List<CharSequence> answers = letter.getRawAnswers();
        for (int i = 0; i < answers.size(); i++) {
            out.printf("  answer %d of %d%n", i + 1, answers.size());
            lines(answers.get(i).toString());
        }
        if (letter.getViolations().isEmpty()) {
            return;
        }
        out.println("  violations of the last answer");
        AnswerPlaces places =
                new AnswerPlaces(answers.isEmpty() ? "" : answers.getLast().toString());
        for (Violation violation : letter.getViolations()) {
            String path = violation.getPath().toString();
            out.printf(
                    "%s%s: %s (%s)%n",
                    INDENT,
                    path.isEmpty() ? "the whole" : SafeText.of(path),
                    violation.getMessage().isEmpty()
                            ? "message not kept"
                            : SafeText.of(violation.getMessage()),
                    SafeText.of(violation.getRule()));
            places.marked(path).ifPresent(text -> out.println(INDENT + INDENT + SafeText.of(text)));
        }
    }

    private void printRequest(LetterRequest request) {
        switch (request) {
            case LetterRequest.Decoded decoded -> {
                line("request", decoded.place());
                String content = decoded.content();
                boolean isCut = !wholeContent && content.length() > BEGINNING;
                out.printf(
                        "  content      %,d characters%s%n",
                        content.length(), isCut ? "; --content shows all of them" : "");
                String text = isCut ? content.substring(0, BEGINNING) + "…" : content;
                lines(text);
            }
            case LetterRequest.Unreadable unreadable ->
                    line("request", unreadable.place() + "; " + unreadable.why());
        }
    }
}
