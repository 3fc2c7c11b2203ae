package dev.sluice.app.cli;

import java.util.Objects;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A subcommand of {@code sluice} that is created only if it is called. To create all of them, with
 * their options, takes longer than the help or most commands do.
 *
 * @param type the class that carries the {@link Command} annotation
 * @param command creates the command: an object of that class, or its {@link CommandLine}
 */
public record Subcommand(Class<?> type, Supplier<?> command) {
    String name() {
        return annotation().name();
    }

    CommandLine create() {
        Object created = command.get();
        return created instanceof CommandLine line ? line : new CommandLine(created);
    }

    /** What the list of all commands shows of it, without its options. */
    CommandLine outline() {
        CommandSpec spec = CommandSpec.create().name(name());
        spec.usageMessage().description(annotation().description());
        return new CommandLine(spec);
    }

    private Command annotation() {
        return Objects.requireNonNull(type.getAnnotation(Command.class), type.getName());
    }
}
