package dev.sluice.demo;

import dev.sluice.simulator.Fault;
import dev.sluice.simulator.QuotaPolicy;
import dev.sluice.simulator.ServerDialect;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code sluice simulate}: runs the simulated provider alone. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a simulated provider. Its bill is at /bill, and line by line at"
                    + " /bill/calls.",
            "The API key 'invalid' is rejected; every other key is accepted."
        })
final class SimulateCommand implements Callable<Integer> {
    private static final int HELP_WIDTH = 80;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description =
                    "The address to listen on; 0.0.0.0 for all, such as in a container. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            defaultValue = "8089",
            description = "Port; 0 for a free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--quota",
            description =
                    "Limits the tokens of each key and model, such as 10000000:bucket:60s:settles"
                            + " or 10000000:window:10s: tokens per minute, how they are counted,"
                            + " and whether the tokens that a request did not use are returned.")
    private @Nullable String quota;

    @Mixin private FaultOptions faults = new FaultOptions();

    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        SimulatorSettings settings = faults.settings(spec).withHost(host).withPort(port);
        try (Simulator simulator = Simulator.start(quota == null ? settings : limited(settings))) {
            System.out.println(
                    "answering until Ctrl-C: OpenAI's chat completions at "
                            + simulator.baseUrl()
                            + ", Anthropic's messages at "
                            + simulator.anthropicBaseUrl());
            new CountDownLatch(1).await();
        }
        return 0;
    }

    /** The command, with all dialects and faults listed below its options. */
    static CommandLine commandLine() {
        List<String> lines = new ArrayList<>();
        lines.add("%nDialects (--dialect NAME):");
        ServerDialect.all().forEach(known -> add(lines, known.label(), known.description()));
        lines.add("%nFaults (--fault-rates NAME=0.1,NAME=0.2):");
        for (Fault.Group group : Fault.groups()) {
            lines.add("%n  " + group.title());
            group.faults().forEach(fault -> add(lines, fault.label(), fault.description()));
        }
        CommandLine command = new CommandLine(new SimulateCommand());
        command.getCommandSpec().usageMessage().footer(lines.toArray(String[]::new));
        return command;
    }

    /** Adds a name and its description, on several lines if necessary. */
    private static void add(List<String> lines, String label, String description) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "  %-25s", label));
        for (String word : description.split(" ", -1)) {
            if (line.length() + 1 + word.length() > HELP_WIDTH) {
                lines.add(line.toString());
                line = new StringBuilder(" ".repeat(27));
            }
            line.append(' ').append(word);
        }
        lines.add(line.toString());
    }

    private SimulatorSettings limited(SimulatorSettings settings) {
        try {
            return settings.withQuota(QuotaPolicy.parse(String.valueOf(quota)));
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "--quota: " + e.getMessage());
        }
    }
}
