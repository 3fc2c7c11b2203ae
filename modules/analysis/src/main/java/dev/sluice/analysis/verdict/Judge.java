package dev.sluice.analysis.verdict;

import dev.sluice.analysis.check.Check;
import dev.sluice.analysis.definition.AnalysisDefinition.OutputRules;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.failure.Violation;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.model.ModelReply;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Validator of the answers of one analysis. Safe for use by many threads. */
public final class Judge {
    /** Most violations that are reported. */
    static final int MAX_VIOLATIONS = 100;

    /** Longest name or message of a violation, in characters. */
    private static final int MAX_CHARACTERS = 1_024;

    private final OutputRules rules;

    public Judge(OutputRules rules) {
        this.rules = rules;
    }

    /**
     * Judges one answer: first whether it is complete, then its JSON and schema, then the checks.
     */
    public Verdict judge(ModelReply.Answered answer, PreparedInput input) {
        return switch (answer.finish()) {
            case LENGTH ->
                    new Verdict.Unfinished(
                            new Failure.OutputTruncated(
                                    "the model stopped at output.max_tokens = "
                                            + rules.maxTokens()));
            case CONTENT_FILTER ->
                    new Verdict.Unfinished(
                            new Failure.RejectedByProvider(
                                    "the provider's content filter cut the answer off"));
            case STOP, ERROR, OTHER -> judge(answer.text(), input);
        };
    }

    /**
     * Judges answers that were given before, complete ones, from the newest to the oldest.
     *
     * @param answers at least one, the oldest first
     * @return the first valid one, or else the verdict on the newest
     */
    public Verdict judgeAgain(List<String> answers, PreparedInput input) {
        Verdict newest = judge(answers.getLast(), input);
        return answers.reversed().stream()
                .skip(1)
                .map(answer -> judge(answer, input))
                .filter(Verdict.Valid.class::isInstance)
                .findFirst()
                .filter(_ -> !(newest instanceof Verdict.Valid))
                .orElse(newest);
    }

    /** Judges the text; an answer that overflows the stack is invalid. */
    private Verdict judge(String text, PreparedInput input) {
        try {
            return read(text, input);
        } catch (StackOverflowError e) {
            return new Verdict.Invalid(
                    List.of(new Violation("", "size", "is too long or too deep to be judged")));
        }
    }

    private Verdict read(String text, PreparedInput input) {
        return switch (OutputParser.parse(text)) {
            case OutputParser.Unreadable(var violation) -> new Verdict.Invalid(List.of(violation));
            case OutputParser.Read(var output) -> {
                List<Violation> violations = violations(output, input);
                yield violations.isEmpty()
                        ? new Verdict.Valid(output)
                        : new Verdict.Invalid(violations);
            }
        };
    }

    /** Violations of the schema, or of the checks if there are none: checks rely on the schema. */
    private List<Violation> violations(ObjectNode output, PreparedInput input) {
        List<Violation> ofForm =
                rules.schema().validator().validate(output).stream()
                        .limit(MAX_VIOLATIONS)
                        .map(error ->
                                new Violation(
                                        plain(error.getInstanceLocation().toString()),
                                        error.getKeyword(),
                                        plain(error.getMessage())))
                        .toList();
        if (!ofForm.isEmpty()) {
            return ofForm;
        }
        return rules.checks().stream()
                .map((Check check) -> check.violation(output, input))
                .flatMap(Optional::stream)
                .toList();
    }

    /**
     * The text on one line with invisible characters escaped, because names in an answer come from
     * the model.
     */
    private static String plain(String text) {
        StringBuilder plain = new StringBuilder();
        text.codePoints()
                .limit(MAX_CHARACTERS)
                .forEach(c -> {
                    int type = Character.getType(c);
                    boolean hidden =
                            type == Character.CONTROL
                                    || type == Character.FORMAT
                                    || type == Character.LINE_SEPARATOR
                                    || type == Character.PARAGRAPH_SEPARATOR;
                    if (hidden) {
                        plain.append("\\u%04x".formatted(c));
                    } else {
                        plain.appendCodePoint(c);
                    }
                });
        return plain.toString();
    }
}
