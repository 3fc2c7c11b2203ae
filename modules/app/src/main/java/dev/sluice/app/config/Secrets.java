package dev.sluice.app.config;

import dev.sluice.analysis.model.Secret;
import io.github.cdimascio.dotenv.Dotenv;
import io.github.cdimascio.dotenv.DotenvException;
import java.util.Map;
import java.util.Optional;

/** Environment variables, with those of a {@code .env} file in the working folder behind them. */
public final class Secrets {
    public static final String OPENAI_API_KEY = "OPENAI_API_KEY";

    private final Map<String, String> environment;
    private final Dotenv file;

    private Secrets(Map<String, String> environment, Dotenv file) {
        this.environment = environment;
        this.file = file;
    }

    /**
     * Reads the environment and the file.
     *
     * @throws InvalidConfigException if there is a {@code .env} that cannot be read
     */
    public static Secrets load() {
        try {
            return new Secrets(System.getenv(), Dotenv.configure().ignoreIfMissing().load());
        } catch (DotenvException e) {
            throw new InvalidConfigException(java.util.List.of(".env: " + e.getMessage()));
        }
    }

    /** A secret by the name of its variable; blank ones count as absent. */
    public Optional<Secret> find(String variable) {
        String own = environment.get(variable);
        String value = own != null ? own : file.get(variable);
        return value == null || value.isBlank()
                ? Optional.empty()
                : Optional.of(new Secret(value.strip()));
    }
}
