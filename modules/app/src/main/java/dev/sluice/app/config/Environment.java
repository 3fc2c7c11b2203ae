package dev.sluice.app.config;

import dev.sluice.analysis.model.Secret;
import io.github.cdimascio.dotenv.Dotenv;
import io.github.cdimascio.dotenv.DotenvException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Environment variables, with those of a {@code .env} file in the working folder behind them. Blank
 * ones count as absent.
 */
public final class Environment {
    private final Map<String, String> variables;
    private final Optional<Dotenv> file;

    private Environment(Map<String, String> variables, Optional<Dotenv> file) {
        this.variables = Map.copyOf(variables);
        this.file = file;
    }

    /**
     * Reads the environment and the file.
     *
     * @throws InvalidConfigException if there is a {@code .env} that cannot be read
     */
    public static Environment load() {
        try {
            return new Environment(
                    System.getenv(), Optional.of(Dotenv.configure().ignoreIfMissing().load()));
        } catch (DotenvException e) {
            throw new InvalidConfigException(List.of(".env: " + e.getMessage()));
        }
    }

    /** These variables and no others. */
    public static Environment of(Map<String, String> variables) {
        return new Environment(variables, Optional.empty());
    }

    public Optional<Secret> secret(String variable) {
        return text(variable).map(Secret::new);
    }

    public Optional<String> text(String variable) {
        @Nullable String own = variables.get(variable);
        return Optional.ofNullable(own)
                .or(() -> file.flatMap(dotenv -> Optional.ofNullable(dotenv.get(variable))))
                .map(String::strip)
                .filter(value -> !value.isEmpty());
    }
}
