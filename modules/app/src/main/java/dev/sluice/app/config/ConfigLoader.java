package dev.sluice.app.config;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.source.yaml.YamlConfigSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Reads the configuration: file, then environment over it, then defaults under both. */
public final class ConfigLoader {
    private static final String PREFIX = "sluice.";
    private static final int FILE_ORDINAL = 200;
    private static final int ENVIRONMENT_ORDINAL = 300;

    /** Sections whose keys have dots of their own and are passed on as they are. */
    private static final Set<String> PASSED_ON = Set.of("kafka", "schema-registry");

    private ConfigLoader() {}

    /**
     * Reads the configuration.
     *
     * @param file a sluice.yaml, or none
     * @throws InvalidConfigException with all problems at once
     */
    public static SluiceConfig load(Optional<Path> file, Map<String, String> environment) {
        Map<String, String> settings = new HashMap<>();
        file.ifPresent(path -> settings.putAll(read(path)));
        Map<String, String> variables = new HashMap<>();
        Map<String, String> passedOn = new HashMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith(StrayVariables.PREFIX)) {
                passedOnKey(name)
                        .ifPresentOrElse(
                                key -> passedOn.put(key, value), () -> variables.put(name, value));
            }
        });
        List<String> stray =
                new StrayVariables(KnownKeys.of(SluiceConfig.class), unprefixed(settings.keySet()))
                        .problems(variables.keySet());
        if (!stray.isEmpty()) {
            throw new InvalidConfigException(stray);
        }
        try {
            SmallRyeConfig config =
                    new SmallRyeConfigBuilder()
                            .addDefaultInterceptors()
                            .withMapping(SluiceConfig.class)
                            .withSources(
                                    new PropertiesConfigSource(
                                            settings,
                                            file.map(Path::toString).orElse("file"),
                                            FILE_ORDINAL),
                                    new PropertiesConfigSource(
                                            passedOn, "environment", ENVIRONMENT_ORDINAL),
                                    new EnvConfigSource(variables, ENVIRONMENT_ORDINAL))
                            .withConverter(java.time.Duration.class, 200, ConfigLoader::duration)
                            .build();
            return config.getConfigMapping(SluiceConfig.class);
        } catch (ConfigValidationException e) {
            List<String> problems = new ArrayList<>();
            for (int i = 0; i < e.getProblemCount(); i++) {
                problems.add(readable(e.getProblem(i).getMessage()));
            }
            throw new InvalidConfigException(problems);
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigException(List.of(readable(String.valueOf(e.getMessage()))));
        }
    }

    private static List<String> unprefixed(Set<String> keys) {
        return keys.stream().map(key -> key.substring(PREFIX.length())).toList();
    }

    private static Map<String, String> read(Path file) {
        Map<String, String> prefixed = new TreeMap<>();
        try {
            YamlConfigSource yaml =
                    new YamlConfigSource(
                            file.toString(), Files.readString(file, StandardCharsets.UTF_8));
            yaml.getProperties().forEach((key, value) -> prefixed.put(PREFIX + quoted(key), value));
        } catch (IOException e) {
            throw new InvalidConfigException(List.of("cannot read " + file + ": " + e));
        } catch (RuntimeException e) {
            throw new InvalidConfigException(
                    List.of(file + " is no usable YAML: " + e.getMessage()));
        }
        return prefixed;
    }

    /** {@code kafka.bootstrap.servers} is one key of the section kafka, however it is written. */
    private static String quoted(String key) {
        for (String section : PASSED_ON) {
            if (key.startsWith(section + ".")) {
                String rest = key.substring(section.length() + 1).replace("\"", "");
                return section + ".\"" + rest + "\"";
            }
        }
        return key;
    }

    /** {@code SLUICE_KAFKA_BOOTSTRAP_SERVERS}: Kafka's own names have dots and nothing else. */
    private static Optional<String> passedOnKey(String variable) {
        String rest = variable.substring(StrayVariables.PREFIX.length());
        for (String section : PASSED_ON) {
            String start = section.toUpperCase(Locale.ROOT).replace('-', '_') + "_";
            if (rest.startsWith(start)) {
                String name =
                        rest.substring(start.length()).toLowerCase(Locale.ROOT).replace('_', '.');
                return Optional.of(PREFIX + section + ".\"" + name + "\"");
            }
        }
        return Optional.empty();
    }

    /** {@code 25ms}, {@code 5s}, {@code 2m}, {@code 1h}, or ISO ({@code PT5S}). */
    public static java.time.Duration duration(String text) {
        String value = text.strip().toLowerCase(Locale.ROOT);
        try {
            if (value.endsWith("ms")) {
                return java.time.Duration.ofMillis(
                        Long.parseLong(value.substring(0, value.length() - 2)));
            }
            return java.time.Duration.parse(
                    value.startsWith("p") ? value : "PT" + value.toUpperCase(Locale.ROOT));
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no duration; write 25ms, 5s, 2m or 1h", e);
        }
    }

    /**
     * The library's messages without its codes and our prefix, and with the fix for typing errors.
     */
    private static String readable(String message) {
        String plain = message.replaceFirst("^SRCFG\\d+: ", "").replace(PREFIX, "");
        if (plain.contains("does not map to any root")) {
            String key = plain.split(" ", 2)[0];
            return key
                    + " is no setting"
                    + Suggestions.nearest(key, KnownKeys.of(SluiceConfig.class))
                            .map(near -> "; did you mean " + near + "?")
                            .orElse("");
        }
        return plain;
    }
}
