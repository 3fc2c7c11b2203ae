package dev.sluice.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The dashboards of the chart and of docker-compose.yml. JSON is YAML, too. */
class DashboardsTest {
    private static final Path RULES = Chart.FOLDER.resolve("files/rules");

    static List<Path> boards() {
        try (Stream<Path> files = Files.list(Chart.FOLDER.resolve("files/dashboards"))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("boards")
    void panelSaysWhatItShowsAndInWhichUnit(Path board) {
        assertThat(panels(board))
                .isNotEmpty()
                .allSatisfy(panel -> {
                    assertThat(String.valueOf(panel.get("description"))).endsWith(".");
                    assertThat(defaults(panel)).containsKeys("unit", "thresholds");
                });
    }

    @ParameterizedTest
    @MethodSource("boards")
    void panelsDoNotOverlap(Path board) {
        Set<List<Integer>> taken = new HashSet<>();
        for (Map<String, Object> panel : panels(board)) {
            Map<String, Object> place = Chart.map(panel.get("gridPos"));
            for (int x = number(place, "x"); x < number(place, "x") + number(place, "w"); x++) {
                for (int y = number(place, "y"); y < number(place, "y") + number(place, "h"); y++) {
                    assertThat(taken.add(List.of(x, y))).as(panel.get("title") + "").isTrue();
                    assertThat(x).isLessThan(24);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("boards")
    void everyMetricOfAPanelIsDocumented(Path board) throws IOException {
        assertThat(DocumentedMetrics.read().unknownIn(Files.readString(board))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("boards")
    void everyLinkLeadsToARunbook(Path board) {
        for (Map<String, Object> panel : panels(board)) {
            for (Object link : (List<?>) panel.getOrDefault("links", List.of())) {
                String page = String.valueOf(Chart.map(link).get("url"));
                assertThat(Path.of("../..").resolve(page)).as(page).isRegularFile();
            }
        }
    }

    @Test
    void everyRecordedSeriesOfAPanelIsRecorded() throws IOException {
        StringBuilder rules = new StringBuilder();
        try (Stream<Path> files = Files.list(RULES)) {
            for (Path file : files.toList()) {
                rules.append(Files.readString(file));
            }
        }
        for (Path board : boards()) {
            DocumentedMetrics.recordedIn(Files.readString(board))
                    .forEach(series -> assertThat(rules.toString()).contains("record: " + series));
        }
    }

    @Test
    void addressesOfDashboardsAreUnique() {
        assertThat(boards())
                .extracting(board -> json(board).get("uid"))
                .doesNotHaveDuplicates()
                .allMatch(uid -> String.valueOf(uid).startsWith("sluice-"));
    }

    private static List<Map<String, Object>> panels(Path board) {
        List<Map<String, Object>> panels = new ArrayList<>();
        for (Object panel : (List<?>) json(board).get("panels")) {
            if (!"row".equals(Chart.map(panel).get("type"))) {
                panels.add(Chart.map(panel));
            }
        }
        return panels;
    }

    private static Map<String, Object> defaults(Map<String, Object> panel) {
        return Chart.map(Chart.map(panel.get("fieldConfig")).get("defaults"));
    }

    private static int number(Map<String, Object> place, String name) {
        return ((Number) place.get(name)).intValue();
    }

    private static Map<String, Object> json(Path board) {
        return Chart.map(Chart.yaml().loadFromString(Chart.file(board.toString())));
    }
}
