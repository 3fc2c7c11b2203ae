package dev.sluice.app.cli;

import dev.sluice.analysis.definition.InvalidDefinitionsException;
import dev.sluice.app.config.InvalidConfigException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;

/** The command {@code sluice}. What it can do is in its subcommands. */
@Command(
        name = "sluice",
        mixinStandardHelpOptions = true,
        version = "sluice 0.1.0",
        description = "Turns Kafka records into validated LLM analyses.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RunCommand.class,
            AnalyzeCommand.class,
            AnalysesCommand.class,
            TopicsCommand.class
        })
public final class SluiceCommand {
    /** Exit code of a command that was used right and did not succeed. */
    public static final int FAILED = 1;

    private SluiceCommand() {}

    /** A command line with these subcommands besides the service's own. */
    public static CommandLine commandLine(Object... furtherSubcommands) {
        CommandLine commandLine = new CommandLine(new SluiceCommand());
        for (Object subcommand : furtherSubcommands) {
            commandLine.addSubcommand(subcommand);
        }
        return commandLine
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(plainErrors());
    }

    /** A user's mistake is told in words; a stack trace is for bugs. */
    private static IExecutionExceptionHandler plainErrors() {
        return (failure, commandLine, parsed) -> {
            PrintWriter err = commandLine.getErr();
            switch (failure) {
                case InvalidConfigException invalid -> err.println(invalid.getMessage());
                case InvalidDefinitionsException invalid -> err.println(invalid.getMessage());
                case CommandFailedException failed -> err.println(failed.getMessage());
                default -> failure.printStackTrace(err);
            }
            err.flush();
            return FAILED;
        };
    }
}
