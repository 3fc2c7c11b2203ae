package dev.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.simulator.Fault;
import dev.sluice.simulator.ServerDialect;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The help and the messages of {@code sluice simulate} before it starts. */
class SimulateCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void helpHasALineForEveryDialectAndFault() {
        assertThat(run("simulate", "--help")).isZero();

        String help = out.toString();
        assertThat(ServerDialect.all())
                .allSatisfy(dialect -> assertThat(help).contains("  " + dialect.label() + " "));
        assertThat(Fault.groups())
                .flatExtracting(Fault.Group::faults)
                .allSatisfy(fault -> assertThat(help).contains("  " + fault.label() + " "));
        assertThat(help).doesNotContain("%");
    }

    @Test
    void namesThatAreUnknownGetTheNearestOne() {
        assertThat(run("simulate", "--dialect", "grok")).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("unknown dialect 'grok'; did you mean 'groq'?");

        assertThat(run("simulate", "--fault-rates", "usage-zeroo=0.1")).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("did you mean 'usage-zero'?");

        assertThat(run("simulate", "--price", "llama")).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("a price is MODEL=INPUT/OUTPUT");
    }

    private int run(String... arguments) {
        CommandLine command = Main.commandLine();
        command.setOut(new PrintWriter(out, true));
        command.setErr(new PrintWriter(err, true));
        return command.execute(arguments);
    }
}
