package dev.sluice.app.cli.common;

import dev.sluice.app.config.ConfigLoader;
import dev.sluice.app.config.EffectiveSetting;
import dev.sluice.app.config.SluiceConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option {@code --config}, which names the configuration file. */
public final class ConfigOption {
    private static final Path DEFAULT = Path.of("sluice.yaml");

    /** System property that names the file of an installation's own defaults. */
    private static final String DEFAULTS = "sluice.defaults";

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            scope = picocli.CommandLine.ScopeType.INHERIT,
            description =
                    "The configuration file. Default: sluice.yaml in this folder, if it exists.")
    private @Nullable Path file;

    /** The option as it was given, to be repeated in a hint; empty if it was not. */
    public String words() {
        return file == null ? "" : " --config " + file;
    }

    public SluiceConfig load() {
        return ConfigLoader.load(defaults(), chosen(), System.getenv());
    }

    /** The settings in force, each with its origin. */
    public List<EffectiveSetting> effective() {
        return ConfigLoader.effective(defaults(), chosen(), System.getenv());
    }

    private Optional<Path> chosen() {
        return file != null ? Optional.of(file) : Optional.of(DEFAULT).filter(Files::isRegularFile);
    }

    private static Optional<Path> defaults() {
        return Optional.ofNullable(System.getProperty(DEFAULTS)).map(Path::of);
    }
}
