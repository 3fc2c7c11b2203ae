package dev.sluice.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.AdmissionSettings;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.worker.WorkerSettings;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A default is written in the configuration and in the settings' records. */
class DefaultsTest {
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
