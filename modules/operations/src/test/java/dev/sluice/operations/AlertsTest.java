package dev.sluice.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The alerts of the chart and of docker-compose.yml. */
class AlertsTest {
    private static final String FILE = "files/alerts/sluice.yaml";
    private static final Pattern METRIC = Pattern.compile("sluice_[a-z_]+");

    /** Endings that Prometheus' types add to the names of docs/METRICS.md. */
    private static final Pattern ENDING = Pattern.compile("_(total|seconds_(count|sum|max))$");

    @Test
    void prometheusAcceptsTheRules() throws Exception {
        Process promtool;
        try {
            promtool =
                    new ProcessBuilder(
                                    "promtool",
                                    "check",
                                    "rules",
                                    Chart.FOLDER.resolve(FILE).toString())
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            assumeTrue(false, "SKIPPED: promtool (package prometheus) is not installed");
            return;
        }
        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(promtool.waitFor()).as(said).isZero();
    }

    @Test
    void everyMetricOfAnAlertIsDocumented() throws IOException {
        String documented = Files.readString(Path.of("../../docs/METRICS.md"));
        Set<String> used = new LinkedHashSet<>();
        METRIC.matcher(Chart.file(FILE)).results().forEach(found -> used.add(found.group()));

        assertThat(used)
                .isNotEmpty()
                .allSatisfy(metric ->
                        assertThat(documented)
                                .contains(
                                        "`"
                                                + ENDING.matcher(metric)
                                                        .replaceFirst("")
                                                        .replace('_', '.')
                                                + "`"));
    }

    @Test
    void everyAlertSaysWhatHappensAndHowUrgentItIs() {
        Object groups = Chart.map(Chart.yaml().loadFromString(Chart.file(FILE))).get("groups");
        List<?> rules = (List<?>) Chart.map(((List<?>) groups).getFirst()).get("rules");

        assertThat(rules)
                .isNotEmpty()
                .allSatisfy(rule -> {
                    assertThat(Chart.map(Chart.map(rule).get("labels")).get("severity"))
                            .isIn("critical", "warning");
                    assertThat(Chart.map(Chart.map(rule).get("annotations")))
                            .containsKeys("summary", "description");
                });
    }
}
