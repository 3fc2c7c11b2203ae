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

/** Judges the answers of one analysis. Safe for use by many threads. */
public final class Judge {
    /** More than this helps neither the model nor a reader. */
    static final int MAX_VIOLATIONS = 100;

    /** Of a name in an answer, or of what is wrong with it. */
    private static final int MAX_CHARACTERS = 1_024;

    private final OutputRules rules;

    public Judge(OutputRules rules) {
        this.rules = rules;
    }

    /** Judges one answer to one input: first its end, then its form, then what it says. */
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

    /** An answer that overflows a stack is the answer's fault, whatever looks at it. */
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

    /** Checks rely on the form, so they come only after it. */
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

    /** Names in an answer are the model's: shown on one line, with nothing hidden in them. */
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
