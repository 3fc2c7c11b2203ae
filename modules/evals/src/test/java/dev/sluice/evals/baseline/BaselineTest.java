package dev.sluice.evals.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.evals.TestCases;
import dev.sluice.evals.baseline.Baseline.Against;
import dev.sluice.evals.cases.EvalCase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselineTest {
    private static final Instant FIRST = Instant.parse("2030-01-01T00:00:00Z");

    @TempDir private Path folder;
    private List<EvalCase> cases = List.of();

    @BeforeEach
    void writeCases() throws Exception {
        cases = TestCases.cases(folder, 15);
    }

    @Test
    void baselineIsReadAsItWasWrittenWithItsHistory() throws Exception {
        Baseline first = Baseline.empty().with(TestCases.result("v1", cases, 5, 5), FIRST);
        Baseline second = first.with(TestCases.result("v2", cases, 4, 5), FIRST.plusSeconds(60));
        second.write(file());

        assertThat(Baseline.read(file())).hasValue(second);
        assertThat(second.of(TestCases.MODEL).orElseThrow().fingerprint()).isEqualTo("v2");
        assertThat(second.history())
                .extracting(Baseline.Entry::fingerprint)
                .containsExactly("v1", "v2");
        assertThat(folder).isDirectoryNotContaining("glob:**.new");
        assertThat(Baseline.read(folder.resolve("other.json"))).isEmpty();
    }

    @Test
    void worseResultIsWorseAndOneWithinChanceIsNot() {
        Baseline baseline = Baseline.empty().with(TestCases.result("v1", cases, 5, 5), FIRST);

        assertThat(compare(baseline, 3).comparison().isWorse(1)).isTrue();
        assertThat(compare(baseline, 5).comparison().isWorse(1)).isFalse();
        assertThat(compare(baseline, 5).cases()).isEqualTo(15);
    }

    private Against compare(Baseline baseline, int passes) {
        return baseline.compare(TestCases.result("v2", cases, passes, 5)).orElseThrow();
    }

    @Test
    void changedNewAndGoneCasesAreNamedAndNotCompared() throws Exception {
        Baseline baseline =
                Baseline.empty().with(TestCases.result("v1", cases.subList(0, 14), 5, 5), FIRST);
        Files.writeString(
                folder.resolve("case-1.yaml"),
                "description: d\ncontent: other\nexpect: {output: {required: [title_tag]}}\n");
        Files.delete(folder.resolve("case-2.yaml"));
        List<EvalCase> now = dev.sluice.evals.cases.EvalSet.read(folder, TestCases.SEO).cases();

        Against against = baseline.compare(TestCases.result("v2", now, 5, 5)).orElseThrow();

        assertThat(against.changed()).containsExactlyInAnyOrder("case-1", "case-9");
        assertThat(against.gone()).containsExactly("case-2");
        assertThat(against.cases()).isEqualTo(12);
    }

    @Test
    void caseThatWasNotJudgedIsNotAccepted() {
        assertThatThrownBy(() -> Baseline.empty().with(TestCases.result("v1", cases, 0, 0), FIRST))
                .hasMessageContaining("the case case-1 was not judged");
    }

    @Test
    void fileOfSomethingElseIsNamed() throws Exception {
        Files.writeString(file(), "[1]");

        assertThatThrownBy(() -> Baseline.read(file())).hasMessageContaining("is no baseline");
    }

    private Path file() {
        return folder.resolve(Baseline.FILE);
    }
}
