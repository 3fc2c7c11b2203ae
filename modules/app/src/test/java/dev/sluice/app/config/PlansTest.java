package dev.sluice.app.config;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlansTest {
    private final Map<String, String> variables =
            new HashMap<>(Map.of("OPENAI_API_KEY", "key", "ANTHROPIC_API_KEY", "key"));

    @Test
    void missingBrokersAndRegistryAreToldTogetherWithTheFix() {
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
}
