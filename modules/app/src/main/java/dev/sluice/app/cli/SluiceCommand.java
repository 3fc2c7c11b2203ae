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
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
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
        synopsisSubcommandLabel = "COMMAND")
public final class SluiceCommand {
    static final String COMPLETION = "completion";

    private SluiceCommand() {}

    /**
     * Runs the command that the arguments name.
     *
     * @param stub answers instead of a provider, where the installation has one
     * @param further subcommands in addition to the service's
     * @return the exit code
     */
    public static int execute(
            Optional<ProviderStub> stub, String[] arguments, Subcommand... further) {
        Set<String> words = new HashSet<>(List.of(arguments));
        // A script for completion has all options, and a file of arguments can name any command.
        boolean whole =
                words.contains(COMPLETION) || words.stream().anyMatch(word -> word.startsWith("@"));
        return commandLine(stub, name -> whole || words.contains(name), further).execute(arguments);
    }

    /** Creates the command line with all its subcommands. */
    public static CommandLine commandLine(Optional<ProviderStub> stub, Subcommand... further) {
        return commandLine(stub, _ -> true, further);
    }

    /**
     * @param called whether the subcommand of this name is created, and not only listed
     */
    static CommandLine commandLine(
            Optional<ProviderStub> stub, Predicate<String> called, Subcommand... further) {
        CommandLine commandLine = new CommandLine(new SluiceCommand());
        Stream.concat(services(stub), Stream.of(further))
                .forEach(subcommand -> {
                    String name = subcommand.name();
                    commandLine.addSubcommand(
                            name, called.test(name) ? subcommand.create() : subcommand.outline());
                });
        return commandLine
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(SluiceCommand::shortError)
                .setExecutionExceptionHandler(plainErrors());
    }

    private static Stream<Subcommand> services(Optional<ProviderStub> stub) {
        return Stream.of(
                new Subcommand(RunCommand.class, RunCommand::new),
                new Subcommand(HealthCommand.class, HealthCommand::new),
                new Subcommand(ConfigCommand.class, ConfigCommand::new),
                new Subcommand(DoctorCommand.class, DoctorCommand::new),
                new Subcommand(AnalysesCommand.class, AnalysesCommand::new),
                new Subcommand(PricesCommand.class, PricesCommand::new),
                new Subcommand(TopicsCommand.class, TopicsCommand::new),
                new Subcommand(AclsCommand.class, AclsCommand::new),
                new Subcommand(BudgetCommand.class, BudgetCommand::new),
                new Subcommand(SpendCommand.class, SpendCommand::new),
                new Subcommand(SubmitCommand.class, SubmitCommand::new),
                new Subcommand(ResultsCommand.class, ResultsCommand::new),
                new Subcommand(CallsCommand.class, CallsCommand::new),
                new Subcommand(DeadLettersCommand.class, DeadLettersCommand::new),
                new Subcommand(CanaryCommand.class, CanaryCommand::new),
                new Subcommand(EraseCommand.class, EraseCommand::new),
                new Subcommand(CompletionCommand.class, CompletionCommand::new),
                new Subcommand(AnalyzeCommand.class, () -> new AnalyzeCommand(stub)),
                new Subcommand(EvalCommand.class, () -> new EvalCommand(stub)));
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
