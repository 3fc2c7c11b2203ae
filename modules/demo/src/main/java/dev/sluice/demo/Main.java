package dev.sluice.demo;

import dev.sluice.app.cli.SluiceCommand;
import java.util.Optional;
import picocli.CommandLine;

/** Entry point with the service's commands and three more: demo, sandbox and simulate. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return SluiceCommand.commandLine(
                Optional.of(new SimulatedProvider()),
                new DemoCommand(),
                new SandboxCommand(),
                SimulateCommand.commandLine());
    }
}
