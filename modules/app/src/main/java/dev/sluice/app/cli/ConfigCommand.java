package dev.sluice.app.cli;

import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.cli.common.Table;
import dev.sluice.app.client.RecordJson;
import dev.sluice.app.config.EffectiveSetting;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** The command {@code sluice config}: shows the configuration in force, and checks it. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Shows the configuration in force, and checks it with all that it names.",
        subcommands = {ConfigCommand.Show.class, ConfigCheckCommand.class})
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
}
