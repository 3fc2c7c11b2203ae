package dev.sluice.app.cli;

import dev.sluice.analysis.definition.InvalidDefinitionsException;
import dev.sluice.app.cli.analyze.AnalyzeCommand;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.cli.common.KafkaTrouble;
import dev.sluice.app.cli.evals.EvalCommand;
import dev.sluice.app.cli.letters.DeadLettersCommand;
import dev.sluice.app.cli.requests.CallsCommand;
import dev.sluice.app.cli.requests.ResultsCommand;
import dev.sluice.app.cli.requests.SubmitCommand;
import dev.sluice.app.client.ProviderStub;
import dev.sluice.app.config.InvalidConfigException;
import dev.sluice.runtime.kafka.EnvironmentException;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code sluice} with its subcommands. */
@Command(
        name = "sluice",
        mixinStandardHelpOptions = true,
        version = "sluice 0.1.0",
        description = "Turns Kafka records into validated LLM analyses.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RunCommand.class,
            HealthCommand.class,
            ConfigCommand.class,
            DoctorCommand.class,
            AnalysesCommand.class,
            PricesCommand.class,
            TopicsCommand.class,
            AclsCommand.class,
            BudgetCommand.class,
            SpendCommand.class,
            SubmitCommand.class,
            ResultsCommand.class,
            CallsCommand.class,
            DeadLettersCommand.class,
            CanaryCommand.class,
            EraseCommand.class,
            CompletionCommand.class
        })
public final class SluiceCommand {
    private SluiceCommand() {}

    /**
     * Creates the command line.
     *
     * @param stub answers instead of a provider, where the installation has one
     * @param furtherSubcommands subcommands in addition to the service's
     */
    public static CommandLine commandLine(
            Optional<ProviderStub> stub, Object... furtherSubcommands) {
        CommandLine commandLine = new CommandLine(new SluiceCommand());
        commandLine.addSubcommand(new AnalyzeCommand(stub));
        commandLine.addSubcommand(new EvalCommand(stub));
        for (Object subcommand : furtherSubcommands) {
            commandLine.addSubcommand(subcommand);
        }
        return commandLine
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(SluiceCommand::shortError)
                .setExecutionExceptionHandler(plainErrors());
    }

    /** Prints a mistake in the command line, and where the help is, but not the whole help. */
    private static int shortError(ParameterException mistake, String[] arguments) {
        CommandLine command = mistake.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(mistake.getMessage());
        UnmatchedArgumentException.printSuggestions(mistake, err);
        err.println(command.getCommandSpec().qualifiedName() + " --help shows what it takes");
        err.flush();
        return ExitCode.MISUSED;
    }

    /** Prints a user's mistake as a message without a stack trace; stack traces are for bugs. */
    private static IExecutionExceptionHandler plainErrors() {
        return (failure, commandLine, parsed) -> {
            PrintWriter err = commandLine.getErr();
            int exitCode =
                    switch (failure) {
                        case InvalidConfigException _,
                                InvalidDefinitionsException _,
                                CommandFailedException _ -> {
                            err.println(failure.getMessage());
                            yield ExitCode.MISUSED;
                        }
                        case EnvironmentException _ -> {
                            err.println(failure.getMessage());
                            yield ExitCode.FAILED;
                        }
                        default -> {
                            KafkaTrouble.words(failure)
                                    .ifPresentOrElse(
                                            err::println, () -> failure.printStackTrace(err));
                            yield KafkaTrouble.isMistake(failure)
                                    ? ExitCode.MISUSED
                                    : ExitCode.FAILED;
                        }
                    };
            err.flush();
            return exitCode;
        };
    }
}
