package dev.sluice.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.Analysis;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

class AnalysisExtensionTest {
    private static final String SECRET = "sk-canary-0123456789abcdef0123456789";
    private static final String PAGE = "<title>Right</title><h1>Right</h1><p>Some text.</p>";

    @TempDir private Path folder;

    @Test
    void replayAnswersAsRecordedWithoutANetwork() throws IOException {
        Analysis recorded;
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults());
                RunningAnalysis running = start(EvalMode.RECORD, simulator.baseUrl().toString())) {
            recorded = running.analyse("page", PAGE);
        }

        try (RunningAnalysis running = start(EvalMode.REPLAY, "http://localhost:1/v1")) {
            Analysis replayed = running.analyse("page", PAGE);
            assertThat(output(replayed)).isEqualTo(output(recorded));
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> recordings = files.toList();
            assertThat(recordings).hasSize(1);
            assertThat(Files.readString(recordings.getFirst())).doesNotContain(SECRET);
        }
    }

    @Test
    void missNamesTheDifferenceAndHowToRecord() throws IOException {
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults());
                RunningAnalysis running = start(EvalMode.RECORD, simulator.baseUrl().toString())) {
            var _ = running.analyse("page", PAGE);
        }

        try (RunningAnalysis running = start(EvalMode.REPLAY, "http://localhost:1/v1")) {
            assertThatThrownBy(() -> running.analyse("page", PAGE.replace("Right", "Wrong")))
                    .isInstanceOf(AssertionFailedError.class)
                    .hasMessageContaining("Wrong")
                    .hasMessageContaining("-Dsluice.evals=record asks the provider");
        }
    }

    @Test
    void recordingAgainReplacesWhatWasRecorded() throws IOException {
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults())) {
            for (String page : List.of(PAGE, PAGE.replace("Right", "Other"))) {
                try (RunningAnalysis running =
                        start(EvalMode.RECORD, simulator.baseUrl().toString())) {
                    var _ = running.analyse("page", page);
                }
            }
        }
        try (RunningAnalysis running = start(EvalMode.REPLAY, "http://localhost:1/v1")) {
            assertThatThrownBy(() -> running.analyse("page", PAGE))
                    .isInstanceOf(AssertionFailedError.class);
        }
    }

    @Test
    void liveRecordsNothing() throws IOException {
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults());
                RunningAnalysis running = start(EvalMode.LIVE, simulator.baseUrl().toString())) {
            assertThat(running.analyse("page", PAGE)).isInstanceOf(Analysis.Analysed.class);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void failureOfTheModelIsRecordedToo() throws IOException {
        SimulatorSettings faulty =
                SimulatorSettings.defaults().withFaults(FaultRates.parse("malformed=1"), 1);
        try (Simulator simulator = Simulator.start(faulty);
                RunningAnalysis running = start(EvalMode.RECORD, simulator.baseUrl().toString())) {
            assertThat(running.analyse("page", PAGE)).isInstanceOf(Analysis.Failed.class);
        }
        try (RunningAnalysis running = start(EvalMode.REPLAY, "http://localhost:1/v1")) {
            assertThat(running.analyse("page", PAGE)).isInstanceOf(Analysis.Failed.class);
        }
    }

    @Test
    void extensionMustBeStaticAndHaveRecordings() {
        AnalysisExtension extension = AnalysisExtension.of("seo");

        assertThatThrownBy(() -> extension.analyse(PAGE)).hasMessageContaining("must be static");
        assertThatThrownBy(extension::cases).hasMessageContaining("must be static");
    }

    private RunningAnalysis start(EvalMode mode, String provider) throws IOException {
        return RunningAnalysis.start(
                new RunningAnalysis.Plan(
                        "seo",
                        Optional.empty(),
                        Map.of("OPENAI_BASE_URL", provider, "OPENAI_API_KEY", SECRET),
                        folder),
                mode);
    }

    private static Object output(Analysis analysis) {
        return analysis instanceof Analysis.Analysed(var output, _, _) ? output : analysis;
    }
}
