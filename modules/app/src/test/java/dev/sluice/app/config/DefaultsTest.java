package dev.sluice.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.AdmissionSettings;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.worker.WorkerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A default is written in the configuration, in its documentation and in the settings' records. */
class DefaultsTest {
    private static final Pattern ROW = Pattern.compile("^\\| `([^`]+)` \\| `([^`]+)` \\|.*");

    @Test
    void documentationGivesEveryDefault() throws IOException {
        Map<String, String> documented = new HashMap<>();
        for (String line : Files.readAllLines(Path.of("../../docs/CONFIGURATION.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                documented.put(row.group(1), row.group(2));
            }
        }

        Map<String, String> declared = DeclaredKeys.defaults(SluiceConfig.class);
        assertThat(declared).hasSizeGreaterThan(25);
        assertThat(documented).containsAllEntriesOf(declared);
    }

    @Test
    void settingsOfAnEmptyConfigurationAreTheDefaultsOfTheRecords() {
        Map<String, String> variables =
                Map.of(
                        "OPENAI_API_KEY", "key",
                        "ANTHROPIC_API_KEY", "key",
                        "SLUICE_WORKER_SLOT", "0",
                        "SLUICE_KAFKA_BOOTSTRAP_SERVERS", "a:1",
                        "SLUICE_SCHEMA_REGISTRY_SCHEMA_REGISTRY_URL", "http://r:8081");

        ServicePlan plan =
                Plans.plan(
                        ConfigLoader.load(Optional.empty(), variables),
                        EnumSet.allOf(Role.class),
                        Environment.of(variables));

        assertThat(plan.worker())
                .isEqualTo(WorkerSettings.defaults("sluice.worker-0", plan.models().keySet()));
        assertThat(plan.admission())
                .isEqualTo(
                        AdmissionSettings.defaults(
                                Path.of("data/admission"),
                                plan.admission().modelIds(),
                                plan.admission().limits()));
    }
}
