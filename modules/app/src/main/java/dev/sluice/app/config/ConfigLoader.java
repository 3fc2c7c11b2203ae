package dev.sluice.app.config;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads the configuration. The environment takes precedence over the file, and the file over the
 * defaults.
 */
public final class ConfigLoader {
    private static final String PREFIX = "sluice.";
    private static final int ORDINAL = 200;

    /** The launcher of a checkout reads it; the image has no launcher. */
    private static final String LAUNCHER_OPTIONS = "SLUICE_JAVA_OPTS";

    /** Sections that are passed on to clients unchanged; their keys contain dots. */
    private static final Set<String> PASSED_ON = Set.of("kafka.", "schema-registry.");

    private ConfigLoader() {}

    /**
     * Reads the configuration. Values are literal: there is no syntax for variables.
     *
     * @param file a sluice.yaml, or empty
     * @throws InvalidConfigException with all problems at once
     */
    public static SluiceConfig load(Optional<Path> file, Map<String, String> environment) {
        return load(Optional.empty(), file, environment);
    }

    /**
     * Reads the configuration of an installation that has other defaults, such as the image.
     *
     * @param defaults a file of the same form, whose values count where {@code file} has none; or
     *     empty
     * @param file a sluice.yaml, or empty
     * @throws InvalidConfigException with all problems at once
     */
    public static SluiceConfig load(
            Optional<Path> defaults, Optional<Path> file, Map<String, String> environment) {
        Layers layers = layers(defaults, file, environment);
        if (!layers.problems().isEmpty()) {
            throw new InvalidConfigException(layers.problems());
        }
        return mapped(layers.settings());
    }

    /**
     * The settings in force, by key, each with its origin: the file, a variable, or the default.
     * Keys without a value and without a default are left out.
     *
     * @throws InvalidConfigException with all problems at once
     */
    public static List<EffectiveSetting> effective(
            Optional<Path> defaults, Optional<Path> file, Map<String, String> environment) {
        Layers layers = layers(defaults, file, environment);
        if (!layers.problems().isEmpty()) {
            throw new InvalidConfigException(layers.problems());
        }
        Map<String, EffectiveSetting> effective = new TreeMap<>();
        DeclaredKeys.defaults(SluiceConfig.class)
                .forEach((key, value) ->
                        effective.put(key, new EffectiveSetting(key, value, "default")));
        layers.settings()
                .forEach((key, setting) ->
                        effective.put(
                                key,
                                new EffectiveSetting(
                                        PASSED_ON.contains(setting.parent())
                                                ? key.replace("\"", "")
                                                : key,
                                        setting.value(),
                                        layers.origins().getOrDefault(key, ""))));
        return List.copyOf(effective.values());
    }

    /**
     * All settings by key, those of stronger layers in place of weaker ones.
     *
     * @param origins where the setting of each key stands
     */
    private record Layers(
            Map<String, Setting> settings, Map<String, String> origins, List<String> problems) {}

    private static Layers layers(
            Optional<Path> defaults, Optional<Path> file, Map<String, String> environment) {
        Set<String> known = DeclaredKeys.of(SluiceConfig.class);
        YamlSettings.Read standard = read(defaults, known);
        YamlSettings.Read read = read(file, known);
        EnvironmentSettings variables = new EnvironmentSettings(known, PASSED_ON, read.settings());
        Map<String, Setting> settings = new TreeMap<>();
        Map<String, String> origins = new HashMap<>();
        standard.settings()
                .forEach(setting -> {
                    settings.put(setting.key(), setting);
                    origins.put(setting.key(), origin(defaults, setting));
                });
        read.settings()
                .forEach(setting -> {
                    settings.put(setting.key(), setting);
                    origins.put(setting.key(), origin(file, setting));
                });
        variables
                .of(environment)
                .forEach((key, setting) -> {
                    settings.put(key, setting);
                    origins.put(key, EnvironmentSettings.variable(key));
                });
        List<String> problems = new ArrayList<>(standard.problems());
        problems.addAll(read.problems());
        problems.addAll(variables.problems());
        if (defaults.isPresent() && environment.containsKey(LAUNCHER_OPTIONS)) {
            problems.add(LAUNCHER_OPTIONS + " has no effect in the image: set JDK_JAVA_OPTIONS");
        }
        problems.addAll(Bounds.problems(settings.values()));
        return new Layers(settings, origins, problems);
    }

    private static String origin(Optional<Path> file, Setting setting) {
        return file.map(Path::getFileName).map(Path::toString).orElse("")
                + ", line "
                + setting.line();
    }

    private static YamlSettings.Read read(Optional<Path> file, Set<String> known) {
        return file.map(path -> YamlSettings.read(path, known, PASSED_ON))
                .orElse(new YamlSettings.Read(List.of(), List.of()));
    }

    private static SluiceConfig mapped(Map<String, Setting> settings) {
        Map<String, String> values = new HashMap<>();
        settings.forEach((key, setting) -> values.put(PREFIX + key, setting.value()));
        try {
            SmallRyeConfig config =
                    new SmallRyeConfigBuilder()
                            .withMapping(SluiceConfig.class)
                            .withSources(new PropertiesConfigSource(values, "sluice", ORDINAL))
                            .withConverter(java.time.Duration.class, 200, ConfigLoader::duration)
                            .build();
            return config.getConfigMapping(SluiceConfig.class);
        } catch (ConfigValidationException e) {
            List<String> missing = new ArrayList<>();
            for (int i = 0; i < e.getProblemCount(); i++) {
                missing.add(readable(e.getProblem(i).getMessage()));
            }
            throw new InvalidConfigException(missing);
        }
    }

    /**
     * Parses a duration such as {@code 25ms}, {@code 5s}, {@code 2m} or {@code 1h}, or in ISO form
     * ({@code PT5S}).
     */
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
                    "'" + text + "' is not a valid duration; write 25ms, 5s, 2m or 1h", e);
        }
    }

    /** The library's message without its code and without our prefix. */
    private static String readable(String message) {
        return message.replaceFirst("^SRCFG\\d+: ", "").replace(PREFIX, "");
    }
}
