package dev.sluice.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The example for Alertmanager. */
class AlertmanagerTest {
    private static final Path CONFIG = Path.of("../../monitoring/alertmanager.yml");
    private static final Pattern ALERT = Pattern.compile("Sluice\\w+");

    @Test
    void alertmanagerAcceptsTheConfiguration() throws InterruptedException {
        var _ = Tool.AMTOOL.run("check-config", CONFIG.toString());
    }

    @Test
    void criticalAlertsPageAndWarningsDoNot() throws InterruptedException {
        assertThat(receiver("severity=critical", "alertname=SluiceAdmissionAbsent"))
                .isEqualTo("pager");
        assertThat(receiver("severity=warning", "alertname=SluiceLag")).isEqualTo("tickets");
    }

    @Test
    void everyAlertThatIsNamedExists() throws IOException {
        List<Object> alerts =
                AlertsTest.alerts().stream().map(alert -> alert.get("alert")).toList();
        Matcher named = ALERT.matcher(Files.readString(CONFIG).replaceAll("#.*", ""));

        assertThat(named.results().map(found -> (Object) found.group()))
                .isNotEmpty()
                .isSubsetOf(alerts);
    }

    private static String receiver(String... labels) throws InterruptedException {
        List<String> arguments =
                new ArrayList<>(List.of("config", "routes", "test", "--config.file=" + CONFIG));
        arguments.addAll(List.of(labels));
        return Tool.AMTOOL
                .run(arguments.toArray(String[]::new))
                .lines()
                .filter(line -> !line.startsWith("Warning"))
                .collect(Collectors.joining("\n"))
                .strip();
    }
}
