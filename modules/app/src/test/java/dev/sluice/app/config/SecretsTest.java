package dev.sluice.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.registry.RegistryConfig;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No object that is built from a configuration shows a secret in a log line or a message. */
class SecretsTest {
    private static final String SECRET = "hunter2";

    @TempDir private Path folder;

    @Test
    void nothingThatIsMadeFromAConfigurationShowsASecret() throws Exception {
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(
                file,
                """
                kafka:
                  bootstrap.servers: a:1
                  sasl.jaas.config: x required password="hunter2";
                  ssl.keystore.password: hunter2
                schema-registry:
                  schema.registry.url: http://user:hunter2@r:8081
                  basic.auth.credentials.source: USER_INFO
                  basic.auth.user.info: user:hunter2
                models:
                  house:
                    deployments:
                      - {api-key: hunter2, base-url: "http://one/v1"}
                """);
        Map<String, String> variables =
                Map.of("OPENAI_API_KEY", SECRET, "ANTHROPIC_API_KEY", SECRET);
        SluiceConfig config = ConfigLoader.load(Optional.of(file), variables);
        Environment environment = Environment.of(variables);
        ServicePlan plan = Plans.plan(config, EnumSet.allOf(Role.class), environment);

        List<Object> seen =
                reachable(
                        List.of(
                                config,
                                environment,
                                plan,
                                Plans.kafkaForCommand(config),
                                RegistryConfig.from(plan.kafka().registry()),
                                YamlSettings.read(
                                        file,
                                        DeclaredKeys.of(SluiceConfig.class),
                                        Set.of("kafka.", "schema-registry."))));

        assertThat(seen).hasSizeGreaterThan(20);
        assertThat(seen)
                .allSatisfy(part ->
                        assertThat(part.toString())
                                .as(part.getClass().getName())
                                .doesNotContain(SECRET));
    }

    /** Every object of our classes that can be reached from these. */
    private static List<Object> reachable(List<Object> roots) throws IllegalAccessException {
        Set<Object> known = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Object> ours = new ArrayList<>();
        List<Object> open = new ArrayList<>(roots);
        while (!open.isEmpty()) {
            Object next = open.removeLast();
            if (!known.add(next)) {
                continue;
            }
            switch (next) {
                case Map<?, ?> map -> open.addAll(map.values());
                case Collection<?> items -> open.addAll(items);
                case Optional<?> value -> value.ifPresent(open::add);
                default -> {
                    if (next.getClass().getName().startsWith("dev.sluice.")) {
                        ours.add(next);
                        open.addAll(fields(next));
                    }
                }
            }
        }
        return ours;
    }

    private static List<Object> fields(Object of) throws IllegalAccessException {
        List<Object> values = new ArrayList<>();
        for (Field field : of.getClass().getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                field.setAccessible(true);
                Object value = field.get(of);
                if (value != null) {
                    values.add(value);
                }
            }
        }
        return values;
    }
}
