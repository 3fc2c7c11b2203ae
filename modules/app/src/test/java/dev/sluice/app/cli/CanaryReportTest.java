package dev.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.canary.TimeCounts;
import dev.sluice.admission.canary.Trial;
import dev.sluice.admission.canary.TrialCounts;
import dev.sluice.admission.canary.TrialState;
import dev.sluice.admission.canary.VersionCounts;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.Canary;
import dev.sluice.analysis.price.Cost;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class CanaryReportTest {
    @Test
    void versionsStandBesideEachOther() {
        String shown = shown(counts(ended(900, 45, 9, "0.45"), ended(100, 6, 1, "0.06")));

        assertThat(shown)
                .contains("seo: 10 % of the requests get the canary")
                .containsPattern("of them ended +900 +100")
                .containsPattern("valid at once +95.0 % +94.0 %")
                .containsPattern("valid in the end +99.0 % +99.0 %")
                .containsPattern("USD a request +0.000500 +0.000600")
                .containsPattern("first answer is invalid 0\\.\\d+ to [2-9]\\.\\d times as often")
                .containsPattern("Running: neither version");
    }

    @Test
    void withoutOutcomesNothingIsClaimed() {
        String shown = shown(TrialCounts.NONE);

        assertThat(shown)
                .containsPattern("valid at once - -")
                .contains("No first answer was invalid yet")
                .contains("Running");
    }

    @Test
    void workersThatDoNotKnowTheCanaryAreSuspectedIfNothingEnds() {
        VersionCounts admitted = new VersionCounts(40, 0, 0, 0, 0, 0, Cost.ZERO, times());

        assertThat(shown(counts(admitted, admitted)))
                .contains("No counted request has ended yet")
                .contains("the workers do not know the canary");
    }

    @Test
    void stoppedAndBetterCanariesSaySo() {
        assertThat(shown(counts(ended(900, 0, 0, "0.4"), ended(100, 30, 20, "0.1"))))
                .contains("Stopped: the canary fails more often");
        assertThat(shown(counts(ended(500, 200, 100, "0.4"), ended(500, 0, 0, "0.1"))))
                .contains("Better: the canary fails less often");
    }

    @Test
    void jsonHasTheCountsAndTheState() {
        ObjectNode json =
                CanaryReport.json(
                        trial(), counts(ended(900, 0, 0, "0.4"), ended(100, 30, 20, "0.1")));

        assertThat(json.path("state").asString()).isEqualTo("stopped");
        assertThat(json.path("canary").path("notFirst").asInt()).isEqualTo(30);
        assertThat(json.path("canary").path("failed").asInt()).isEqualTo(20);
        assertThat(json.path("notFirstFactor").path("least").asDouble()).isGreaterThan(1);
        assertThat(json.path("notFirstFactor").has("most")).isFalse();
    }

    private static String shown(TrialCounts counts) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        CanaryReport.print(out, trial(), counts);
        out.flush();
        return text.toString().replaceAll("\\s+", " ");
    }

    private static Trial trial() {
        AnalysisDefinition current =
                AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();
        return new Trial(
                current,
                new Canary(
                        new AnalysisDefinition(
                                "seo",
                                "c0ffeec0ffee",
                                current.instructions(),
                                current.models(),
                                current.input(),
                                current.output()),
                        10,
                        Canary.Unit.REQUEST));
    }

    private static TrialCounts counts(VersionCounts current, VersionCounts canary) {
        return new TrialCounts(TrialState.RUNNING, LocalDate.EPOCH, current, canary);
    }

    private static VersionCounts ended(long ended, long notFirst, long failed, String usd) {
        return new VersionCounts(
                ended,
                ended,
                notFirst,
                failed,
                notFirst,
                failed,
                new Cost(new BigDecimal(usd)),
                times());
    }

    private static TimeCounts times() {
        return VersionCounts.NONE.times();
    }
}
