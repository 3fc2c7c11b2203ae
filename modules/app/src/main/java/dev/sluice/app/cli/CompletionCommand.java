package dev.sluice.app.cli;

import dev.sluice.app.cli.common.Output;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code sluice completion}: prints a completion script for a shell. */
@Command(
        name = SluiceCommand.COMPLETION,
        mixinStandardHelpOptions = true,
        description = "Prints a script with which a shell completes commands and options.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(sluice completion bash)",
            "  source <(sluice completion zsh)      # after: autoload -U compinit && compinit",
            "  sluice completion fish | source"
        })
final class CompletionCommand implements Callable<Integer> {
    @Mixin private Output output = new Output();

    @Spec private @Nullable CommandSpec spec;

    @Parameters(index = "0", paramLabel = "SHELL", description = "bash, zsh or fish.")
    private Shell shell = Shell.BASH;

    /** A shell. */
    enum Shell {
        BASH,
        ZSH,
        FISH
    }

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("picocli gives each command its specification");
        }
        CommandLine root = spec.root().commandLine();
        PrintWriter out = output.out();
        switch (shell) {
            // The script for bash defines what zsh needs, too.
            case BASH, ZSH -> out.print(AutoComplete.bash(spec.root().name(), root));
            case FISH -> fish(root).forEach(out::println);
        }
        out.flush();
        return 0;
    }

    private static List<String> fish(CommandLine root) {
        List<String> lines = new ArrayList<>();
        fish(root, List.of(), lines);
        return lines;
    }

    /**
     * Adds the completions of a command and its subcommands.
     *
     * @param path the words before it, without the root
     */
    private static void fish(CommandLine command, List<String> path, List<String> lines) {
        String root = command.getCommandSpec().root().name();
        List<String> subcommands = List.copyOf(command.getSubcommands().keySet());
        List<String> conditions = new ArrayList<>();
        if (path.isEmpty()) {
            conditions.add("__fish_use_subcommand");
        }
        path.forEach(word -> conditions.add("__fish_seen_subcommand_from " + word));
        if (!path.isEmpty() && !subcommands.isEmpty()) {
            conditions.add("not __fish_seen_subcommand_from " + String.join(" ", subcommands));
        }
        String start = "complete -c " + root + " -n '" + String.join("; and ", conditions) + "'";
        command.getSubcommands()
                .forEach((name, sub) ->
                        lines.add(start + " -f -a " + name + description(sub.getCommandSpec())));
        for (OptionSpec option : command.getCommandSpec().options()) {
            lines.add(
                    start
                            + names(option)
                            + (option.arity().max() > 0 ? " -r" : " -f")
                            + description(option.description()));
        }
        command.getSubcommands()
                .forEach((name, sub) -> {
                    List<String> longer = new ArrayList<>(path);
                    longer.add(name);
                    fish(sub, longer, lines);
                });
    }

    private static String names(OptionSpec option) {
        return java.util.Arrays.stream(option.names())
                .map(name ->
                        name.startsWith("--")
                                ? " -l " + name.substring(2)
                                : " -s " + name.substring(1))
                .collect(Collectors.joining());
    }

    private static String description(CommandSpec command) {
        return description(command.usageMessage().description());
    }

    /** The first sentence. */
    private static String description(String[] description) {
        return Optional.of(description)
                .filter(lines -> lines.length > 0)
                .map(lines -> lines[0].replaceFirst("(?s)[.:] .*|\\.$", "").replace("'", "\\'"))
                .map(text -> " -d '" + text + "'")
                .orElse("");
    }
}
