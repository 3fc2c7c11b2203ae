package dev.sluice.analysis.verdict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.failure.Violation;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.RateLimits;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JudgeTest {
    private static final String VALID =
            "{\"title_tag\":\"A 😀\",\"title_length\":3,\"issues\":[],\"recommendations\":[],"
                    + "\"priority_score\":1,\"summary\":\"Fine.\"}";

    private final Judge seo = judge("seo");

    @Test
    void answerThatSatisfiesSchemaAndChecksIsValid() {
        assertThat(judged(seo, VALID))
                .isInstanceOfSatisfying(
                        Verdict.Valid.class,
                        valid ->
                                assertThat(valid.output().path("title_length").asInt())
                                        .isEqualTo(3));
    }

    @Test
    void violationsNameThePathAndTheRule() {
        List<Violation> violations =
                violations(
                        seo,
                        VALID.replace("\"priority_score\":1", "\"priority_score\":11")
                                .replace("\"issues\":[]", "\"issues\":[\"\"]"));

        assertThat(violations)
                .extracting(Violation::path)
                .containsExactlyInAnyOrder("/priority_score", "/issues/0");
        assertThat(violations)
                .extracting(Violation::rule)
                .containsExactlyInAnyOrder("maximum", "minLength");
        assertThat(violations.getFirst().message()).isNotBlank();
    }

    @Test
    void titleLengthIsTheNumberOfItsCodePoints() {
        List<Violation> violations =
                violations(seo, VALID.replace("\"title_length\":3", "\"title_length\":4"));

        assertThat(violations)
                .containsExactly(
                        new Violation(
                                "/title_length",
                                "check",
                                "title_length must be the number of characters of title_tag"));
    }

    @Test
    void checksSeeTheInput() {
        String quoting =
                "{\"parties\":[],\"overview\":\"o\",\"clauses\":[{\"type\":\"payment\","
                        + "\"binds\":\"both\",\"quote\":\"%s\",\"risk\":\"low\",\"reason\":\"r\"}]}";
        Judge clauses = judge("contract-clauses");

        assertThat(judged(clauses, quoting.formatted("pay in May")))
                .isInstanceOf(Verdict.Valid.class);
        assertThat(violations(clauses, quoting.formatted("pay in June")))
                .extracting(Violation::rule, Violation::path)
                .containsExactly(tuple("check", "/clauses"));
    }

    @Test
    void namesInAnAnswerAreEscaped() {
        List<Violation> violations =
                violations(
                        seo,
                        VALID.replace(
                                "{\"title_tag\"", "{\"x\\n\\nSYSTEM \\u202e\":1,\"title_tag\""));

        assertThat(violations)
                .singleElement()
                .satisfies(violation ->
                        assertThat(violation.message())
                                .contains("x\\u000a\\u000aSYSTEM \\u202e")
                                .doesNotContain("\n"));
    }

    @Test
    void invalidJsonIsOneViolation() {
        assertThat(violations(seo, "I would rather not."))
                .extracting(Violation::rule, Violation::path)
                .containsExactly(tuple("json", ""));
    }

    @Test
    void violationsAreBounded() {
        String many = "\"x\",".repeat(500) + "\"x\"";
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            fields.append("\"f").append(i).append("\":").append(i).append(',');
        }

        assertThat(
                        violations(
                                seo,
                                VALID.replace("\"issues\":[]", "\"issues\":[" + many + "]")
                                        .replace("{\"title_tag\"", "{" + fields + "\"title_tag\"")))
                .hasSize(Judge.MAX_VIOLATIONS);
    }

    @Test
    void unfinishedAnswersHaveSeparateReasons() {
        assertThat(seo.judge(answer(VALID, FinishReason.LENGTH), input()))
                .isInstanceOfSatisfying(
                        Verdict.Unfinished.class,
                        unfinished ->
                                assertThat(unfinished.failure())
                                        .isEqualTo(
                                                new Failure.OutputTruncated(
                                                        "the model stopped at output.max_tokens"
                                                                + " = 1500")));
        assertThat(seo.judge(answer(VALID, FinishReason.CONTENT_FILTER), input()))
                .isInstanceOfSatisfying(
                        Verdict.Unfinished.class,
                        unfinished ->
                                assertThat(unfinished.failure())
                                        .isInstanceOf(Failure.RejectedByProvider.class));
        assertThat(seo.judge(answer(VALID, FinishReason.OTHER), input()))
                .isInstanceOf(Verdict.Valid.class);
    }

    @Test
    void invalidVerdictHasAViolation() {
        assertThatThrownBy(() -> new Verdict.Invalid(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ofSeveralAnswersTheNewestValidOneCounts() {
        String older = VALID.replace("Fine.", "Older.");
        String invalid = VALID.replace("\"title_length\":3", "\"title_length\":4");

        assertThat(summary(seo.judgeAgain(List.of(older, VALID), input()))).isEqualTo("Fine.");
        assertThat(summary(seo.judgeAgain(List.of(older, invalid), input()))).isEqualTo("Older.");
        assertThat(summary(seo.judgeAgain(List.of(VALID), input()))).isEqualTo("Fine.");
    }

    @Test
    void violationsOfSeveralInvalidAnswersAreThoseOfTheNewest() {
        String invalid = VALID.replace("\"title_length\":3", "\"title_length\":4");

        assertThat(seo.judgeAgain(List.of("no JSON", invalid), input()))
                .isInstanceOfSatisfying(
                        Verdict.Invalid.class,
                        verdict ->
                                assertThat(verdict.violations())
                                        .extracting(Violation::path)
                                        .containsExactly("/title_length"));
    }

    private static String summary(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Valid.class);
        return ((Verdict.Valid) verdict).output().path("summary").asString();
    }

    private static Judge judge(String analysis) {
        return new Judge(
                AnalysisCatalog.load(Optional.empty()).find(analysis).orElseThrow().output());
    }

    private static PreparedInput input() {
        String text = "The parties pay in May.";
        return new PreparedInput(text, text.length(), text.length(), text.length());
    }

    private static ModelReply.Answered answer(String text, FinishReason finish) {
        return new ModelReply.Answered(text, finish, Optional.empty(), "r", RateLimits.NONE);
    }

    private static Verdict judged(Judge judge, String text) {
        return judge.judge(answer(text, FinishReason.STOP), input());
    }

    private static List<Violation> violations(Judge judge, String text) {
        Verdict verdict = judged(judge, text);
        assertThat(verdict).isInstanceOf(Verdict.Invalid.class);
        return ((Verdict.Invalid) verdict).violations();
    }
}
