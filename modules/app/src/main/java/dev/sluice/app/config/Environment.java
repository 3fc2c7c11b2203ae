package dev.sluice.app.config;

import dev.sluice.analysis.model.Secret;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Environment variables, completed by those of a {@code .env} file in the working folder. Blank
 * values count as absent.
 */
public final class Environment {
    private final Map<String, String> variables;
    private final Map<String, String> file;

    private Environment(Map<String, String> variables, Map<String, String> file) {
        this.variables = Map.copyOf(variables);
        this.file = Map.copyOf(file);
    }

    /**
     * Reads the environment and the file.
     *
     * @throws InvalidConfigException if there is a {@code .env} file that is not valid
     */
    public static Environment load() {
        return load(System.getenv());
    }

    /** The same with these variables instead of the process's. */
    public static Environment load(Map<String, String> variables) {
        return new Environment(variables, DotEnv.read(Path.of(".env")));
    }

    /** An environment with these variables only. */
    public static Environment of(Map<String, String> variables) {
        return new Environment(variables, Map.of());
    }

    public Optional<Secret> secret(String variable) {
        return text(variable).map(Secret::new);
    }

    public Optional<String> text(String variable) {
        return Optional.ofNullable(variables.get(variable))
                .or(() -> Optional.ofNullable(file.get(variable)))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }
}
