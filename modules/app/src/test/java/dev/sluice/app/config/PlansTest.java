package dev.sluice.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.app.config.ServicePlan.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlansTest {
    private final Map<String, String> variables =
            new HashMap<>(Map.of("OPENAI_API_KEY", "key", "ANTHROPIC_API_KEY", "key"));

    @TempDir private Path folder;

    @Test
    void missingBrokersAndRegistryAreReportedTogetherWithTheFix() {
        SluiceConfig config = ConfigLoader.load(Optional.empty(), variables);

        assertThatThrownBy(() -> Plans.kafka(config))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("SLUICE_KAFKA_BOOTSTRAP_SERVERS")
                .hasMessageContaining("schema.registry.url");
    }

    @ParameterizedTest
    @ValueSource(strings = {"admission", "worker"})
    void transactionsWithoutAnIntervalAreRefused(String section) {
        variables.put("SLUICE_KAFKA_BOOTSTRAP_SERVERS", "a:1");
        variables.put("SLUICE_SCHEMA_REGISTRY_SCHEMA_REGISTRY_URL", "http://r:8081");
        variables.put("SLUICE_" + section.toUpperCase(Locale.ROOT) + "_COMMIT_INTERVAL", "0s");

        assertThatThrownBy(() -> ConfigLoader.load(Optional.empty(), variables))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining(section + ".commit-interval must be a duration from 1ms");
    }

    @Test
    void onlyEnabledAnalysesAreLoadedAndOnlyTheirModelsNeedKeys() throws IOException {
        Files.createDirectories(folder.resolve("broken"));
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(
                file,
                """
                kafka.bootstrap.servers: a:1
                schema-registry.schema.registry.url: http://r:8081
                analyses:
                  dir: '%s'
                  enabled: [seo, support-ticket]
                models:
                  claude-sonnet-5: {deployments: [{service-tier: none}]}
                """
                        .formatted(folder));
        SluiceConfig config = ConfigLoader.load(Optional.of(file), Map.of());

        ServicePlan plan =
                Plans.plan(
                        config,
                        EnumSet.of(Role.WORKER),
                        Environment.of(Map.of("OPENAI_API_KEY", "key")));

        assertThat(plan.knowledge().analyses().all())
                .extracting(AnalysisDefinition::name)
                .containsExactly("seo", "support-ticket");
        assertThat(plan.models()).containsKeys("gpt-4.1-mini", "claude-sonnet-5");
    }

    @Test
    void enabledAnalysesMayStandInTheEnvironment() {
        variables.put("SLUICE_ANALYSES_ENABLED", "seo, contract-clauses");

        assertThat(Plans.knowledge(ConfigLoader.load(Optional.empty(), variables)).analyses().all())
                .extracting(AnalysisDefinition::name)
                .containsExactly("contract-clauses", "seo");
    }

    @Test
    void enabledAnalysisThatDoesNotExistIsRefusedWithASuggestion() {
        variables.put("SLUICE_ANALYSES_ENABLED", "seo,suport-ticket,invoices");
        SluiceConfig config = ConfigLoader.load(Optional.empty(), variables);

        assertThatThrownBy(() -> Plans.knowledge(config))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining(
                        "analyses.enabled: there is no analysis suport-ticket; did you mean"
                                + " support-ticket?")
                .hasMessageContaining(
                        "there is no analysis invoices; there are contract-clauses, seo");
    }

    @Test
    void keyOfAModelIsDemandedOnlyWhereAnEnabledAnalysisUsesIt() throws IOException {
        Path notes = Files.createDirectories(folder.resolve("notes"));
        Path shipped = Path.of("../../analyses/support-ticket");
        Files.writeString(
                notes.resolve("analysis.yaml"),
                Files.readString(shipped.resolve("analysis.yaml"))
                        .replace("name: support-ticket", "name: notes")
                        .replaceAll("(?m)^model: .*", "model: claude-haiku-4-5")
                        .replaceAll("(?m)^fallbacks: .*", "fallbacks: []"));
        Files.copy(shipped.resolve("output.schema.json"), notes.resolve("output.schema.json"));
        variables.remove("ANTHROPIC_API_KEY");
        variables.put("SLUICE_KAFKA_BOOTSTRAP_SERVERS", "a:1");
        variables.put("SLUICE_SCHEMA_REGISTRY_SCHEMA_REGISTRY_URL", "http://r:8081");
        variables.put("SLUICE_ANALYSES_DIR", folder.toString());
        SluiceConfig all = ConfigLoader.load(Optional.empty(), variables);
        Environment environment = Environment.of(variables);

        assertThatThrownBy(() -> Plans.plan(all, EnumSet.of(Role.WORKER), environment))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("ANTHROPIC_API_KEY");
        variables.put("SLUICE_ANALYSES_ENABLED", "seo");
        SluiceConfig one = ConfigLoader.load(Optional.empty(), variables);
        assertThat(Plans.plan(one, EnumSet.of(Role.WORKER), environment).models())
                .containsOnlyKeys("gpt-4.1-mini");
    }
}
