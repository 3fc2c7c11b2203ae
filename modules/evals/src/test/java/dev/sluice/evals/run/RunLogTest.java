package dev.sluice.evals.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.failure.Violation;
import dev.sluice.evals.run.CaseRun.Slot;
import dev.sluice.evals.run.CaseRun.Validity;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class RunLogTest {
    @TempDir private Path folder;

    @Test
    void runsAreReadAsTheyWereWritten() throws Exception {
        try (RunLog log = RunLog.open(file())) {
            log.add(run("a", 1, Validity.FIRST_TRY));
            log.add(run("b", 1, Validity.INVALID));
        }

        try (RunLog log = RunLog.open(file())) {
            assertThat(log.runs())
                    .containsExactly(
                            run("a", 1, Validity.FIRST_TRY), run("b", 1, Validity.INVALID));
            assertThat(log.has(run("a", 1, Validity.FIRST_TRY).slot())).isTrue();
            assertThat(log.has(run("a", 2, Validity.FIRST_TRY).slot())).isFalse();
        }
    }

    @Test
    void lineThatAKillCutOffIsDroppedAndTheNextOneIsWhole() throws Exception {
        try (RunLog log = RunLog.open(file())) {
            log.add(run("a", 1, Validity.FIRST_TRY));
        }
        Files.writeString(file(), "{\"slot\":{\"id\":\"b", StandardOpenOption.APPEND);

        try (RunLog log = RunLog.open(file())) {
            assertThat(log.runs()).hasSize(1);
            log.add(run("c", 1, Validity.REPAIRED));
        }

        try (RunLog log = RunLog.open(file())) {
            assertThat(log.runs()).extracting(run -> run.slot().id()).containsExactly("a", "c");
        }
    }

    @Test
    void runThatSaysNothingOfTheModelIsMadeAgain() throws Exception {
        try (RunLog log = RunLog.open(file())) {
            log.add(run("a", 1, Validity.NOT_JUDGED));
            assertThat(log.has(run("a", 1, Validity.FIRST_TRY).slot())).isFalse();
            log.add(run("a", 1, Validity.FIRST_TRY));
            assertThat(log.runs()).containsExactly(run("a", 1, Validity.FIRST_TRY));
        }
    }

    @Test
    void runThatIsMadeAgainHasCostTwice() throws Exception {
        try (RunLog log = RunLog.open(file())) {
            log.add(run("a", 1, Validity.NOT_JUDGED));
            log.add(run("a", 1, Validity.FIRST_TRY));
        }
        try (RunLog log = RunLog.open(file())) {
            assertThat(log.spent(run("a", 1, Validity.FIRST_TRY).slot()).usd())
                    .isEqualByComparingTo("0.000024");
        }
    }

    @Test
    void runsAreMovedAndTheOthersStay() throws Exception {
        try (RunLog log = RunLog.open(file())) {
            log.add(run("a", 1, Validity.FIRST_TRY));
            log.add(run("b", 1, Validity.FIRST_TRY));
            log.move(List.of(run("a", 1, Validity.FIRST_TRY)), folder.resolve("kept.jsonl"));
        }
        try (RunLog log = RunLog.open(file());
                RunLog kept = RunLog.open(folder.resolve("kept.jsonl"))) {
            assertThat(log.runs()).containsExactly(run("b", 1, Validity.FIRST_TRY));
            assertThat(kept.runs()).containsExactly(run("a", 1, Validity.FIRST_TRY));
            log.clear();
            assertThat(log.runs()).isEmpty();
        }
    }

    @Test
    void fileIsUsedByOneEvalAtATime() throws Exception {
        try (RunLog _ = RunLog.open(file())) {
            assertThatThrownBy(() -> RunLog.open(file()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is in use");
        }
    }

    @Test
    void fileOfSomethingElseIsNotOverwritten() throws Exception {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), "my notes\n");

        assertThatThrownBy(() -> RunLog.open(file()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is no file of runs");
        assertThat(Files.readString(file())).isEqualTo("my notes\n");
    }

    private Path file() {
        return folder.resolve("evals/runs.jsonl");
    }

    private static CaseRun run(String id, int repeat, Validity validity) {
        return new CaseRun(
                new Slot(id, "hash", "fingerprint", "model", repeat),
                validity,
                "",
                List.of(new Violation("/title", "const", "must be 'A'")),
                Optional.of(JsonMapper.shared().createObjectNode().put("title", "B")),
                List.of(),
                1,
                new BigDecimal("0.000012000"),
                new BigDecimal("0.000000000"),
                10,
                5,
                1.25,
                Instant.parse("2030-01-01T00:00:00Z"));
    }
}
