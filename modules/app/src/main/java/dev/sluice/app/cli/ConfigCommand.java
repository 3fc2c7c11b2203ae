package dev.sluice.app.cli;

import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.cli.common.SafeText;
import dev.sluice.app.cli.common.Table;
import dev.sluice.app.cli.common.Words;
import dev.sluice.app.client.RecordJson;
import dev.sluice.app.config.DocumentedKey;
import dev.sluice.app.config.EffectiveSetting;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** The command {@code sluice config}: shows the configuration in force, and checks it. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Shows the configuration in force, checks it with all that it names, and explains"
                        + " its keys.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sluice config show --set",
            "  sluice config check --roles worker",
            "  sluice config keys in-flight"
        },
        subcommands = {
            ConfigCommand.Show.class,
            ConfigCheckCommand.class,
            ConfigCommand.Keys.class
        })
final class ConfigCommand {
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = {
                "Shows every setting in force and where it comes from: the file with its line, an"
                        + " environment variable, or the default.",
                "Secrets are masked."
            })
    static final class Show implements Callable<Integer> {
        @Mixin private ConfigOption config = new ConfigOption();

        @Mixin private Output output = new Output();

        @Option(names = "--set", description = "Leave out defaults.")
        private boolean set;

        @Option(names = "--json", description = "One JSON object a line instead of a table.")
        private boolean json;

        @Override
        public Integer call() {
            Logging.quiet();
            List<EffectiveSetting> settings =
                    config.effective().stream()
                            .filter(setting -> !set || !setting.isDefault())
                            .toList();
            if (json) {
                settings.forEach(setting -> output.out().println(line(setting)));
            } else {
                Table table =
                        new Table(
                                List.of(
                                        Table.whole("key"),
                                        Table.text("from"),
                                        Table.text("value")));
                settings.forEach(setting ->
                        table.row(List.of(setting.key(), setting.origin(), setting.shown())));
                table.print(output.out());
            }
            output.out().flush();
            return 0;
        }

        private static String line(EffectiveSetting setting) {
            return RecordJson.line(
                    JsonMapper.shared()
                            .createObjectNode()
                            .put("key", setting.key())
                            .put("value", setting.shown())
                            .put("from", setting.origin()));
        }
    }

    @Command(
            name = "keys",
            mixinStandardHelpOptions = true,
            description =
                    "Explains the keys of the configuration: default, valid values, environment"
                            + " variable and meaning.")
    static final class Keys implements Callable<Integer> {
        private static final int WIDTH = 96;

        @Parameters(
                paramLabel = "TEXT",
                arity = "0..1",
                defaultValue = "",
                description = "Only keys with this text in their name or their meaning.")
        private String text = "";

        @Mixin private Output output = new Output();

        @Option(names = "--json", description = "One JSON object a line.")
        private boolean json;

        @Override
        public Integer call() {
            List<DocumentedKey> found =
                    DocumentedKey.all().stream()
                            .filter(key ->
                                    key.name().contains(text) || key.meaning().contains(text))
                            .toList();
            if (found.isEmpty()) {
                throw new CommandFailedException(
                        "no key has '" + SafeText.of(text) + "' in its name or its meaning");
            }
            found.forEach(key -> output.out().println(json ? line(key) : page(key)));
            output.out().flush();
            return 0;
        }

        private static String page(DocumentedKey key) {
            return "%s%n    default %s; %s; %s%n%s%n"
                    .formatted(
                            key.name(),
                            DocumentedKey.plain(key.byDefault()),
                            key.values(),
                            key.variable(),
                            Words.wrapped(DocumentedKey.plain(key.meaning()), WIDTH)
                                    .indent(4)
                                    .stripTrailing());
        }

        private static String line(DocumentedKey key) {
            return RecordJson.line(
                    JsonMapper.shared()
                            .createObjectNode()
                            .put("key", key.name())
                            .put("default", DocumentedKey.plain(key.byDefault()))
                            .put("values", key.values())
                            .put("variable", key.variable())
                            .put("meaning", DocumentedKey.plain(key.meaning())));
        }
    }
}
