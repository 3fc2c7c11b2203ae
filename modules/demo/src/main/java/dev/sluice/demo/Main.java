package dev.sluice.demo;

import dev.sluice.app.cli.SluiceCommand;
import dev.sluice.app.cli.Subcommand;
import java.util.Optional;
import picocli.CommandLine;

/** Entry point with the service's commands and three more: demo, sandbox and simulate. */
public final class Main {
    private static final Subcommand[] SUBCOMMANDS = {
        new Subcommand(DemoCommand.class, DemoCommand::new),
        new Subcommand(SandboxCommand.class, SandboxCommand::new),
        new Subcommand(SimulateCommand.class, SimulateCommand::commandLine)
    };

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(
                SluiceCommand.execute(
                        Optional.of(new SimulatedProvider()), arguments, SUBCOMMANDS));
    }

    /** The command line with all its subcommands. */
    static CommandLine commandLine() {
        return SluiceCommand.commandLine(Optional.of(new SimulatedProvider()), SUBCOMMANDS);
    }
}
