package dev.sluice.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The alerts and recording rules of the chart and of docker-compose.yml. */
class AlertsTest {
    private static final Path TESTS = Path.of("src/test/resources/alerts");
    private static final Path PROJECT = Path.of("../..");
    private static final Pattern TESTED = Pattern.compile("alertname=\"(\\w+)\"");

    static List<Path> ruleFiles() {
        return Stream.of("rules", "alerts")
                .flatMap(kind -> files(Chart.FOLDER.resolve("files").resolve(kind)).stream())
                .toList();
    }

    static List<Path> testFiles() {
        return files(TESTS);
    }

    @ParameterizedTest
    @MethodSource("ruleFiles")
    void prometheusAcceptsTheRules(Path rules) throws Exception {
        var _ = Tool.PROMTOOL.run("check", "rules", rules.toString());
    }

    @ParameterizedTest
    @MethodSource("testFiles")
    void alertsFireStaySilentAndEnd(Path tests) throws Exception {
        var _ = Tool.PROMTOOL.run("test", "rules", tests.toString());
    }

    @Test
    void everyAlertIsTested() throws IOException {
        List<String> tested = new ArrayList<>();
        for (Path file : testFiles()) {
            Matcher found = TESTED.matcher(Files.readString(file));
            found.results().forEach(match -> tested.add(match.group(1)));
        }

        assertThat(alerts()).extracting(alert -> alert.get("alert")).isSubsetOf(tested);
    }

    @Test
    void everyMetricOfARuleIsDocumented() throws IOException {
        DocumentedMetrics documented = DocumentedMetrics.read();
        for (Path file : ruleFiles()) {
            assertThat(documented.unknownIn(Files.readString(file))).as(file.toString()).isEmpty();
        }
    }

    @Test
    void everyAlertSaysWhatHappensHowUrgentItIsAndWhereToReadOn() {
        assertThat(alerts())
                .isNotEmpty()
                .allSatisfy(alert -> {
                    assertThat(Chart.map(alert.get("labels")).get("severity"))
                            .isIn("critical", "warning");
                    Map<String, Object> texts = Chart.map(alert.get("annotations"));
                    assertThat(texts).containsKeys("summary", "description", "runbook_url");
                    assertThat(PROJECT.resolve(String.valueOf(texts.get("runbook_url"))))
                            .content()
                            .contains(String.valueOf(alert.get("alert")));
                });
    }

    /** All alerts. */
    static List<Map<String, Object>> alerts() {
        List<Map<String, Object>> alerts = new ArrayList<>();
        for (Path file : ruleFiles()) {
            Object groups =
                    Chart.map(Chart.yaml().loadFromString(Chart.file(file.toString())))
                            .get("groups");
            for (Object group : (List<?>) groups) {
                for (Object rule : (List<?>) Chart.map(group).get("rules")) {
                    if (Chart.map(rule).containsKey("alert")) {
                        alerts.add(Chart.map(rule));
                    }
                }
            }
        }
        return alerts;
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
