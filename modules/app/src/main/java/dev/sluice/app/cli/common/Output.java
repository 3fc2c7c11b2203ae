package dev.sluice.app.cli.common;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What a command writes to. A mixin of commands. */
@Command
public final class Output {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    /** Standard output, or what a test put in its place. */
    public PrintWriter out() {
        return commandLine().getOut();
    }

    /** Standard error, or what a test put in its place. */
    public PrintWriter err() {
        return commandLine().getErr();
    }

    private CommandLine commandLine() {
        if (spec == null) {
            throw new IllegalStateException("picocli gives each command its specification");
        }
        return spec.commandLine();
    }
}
