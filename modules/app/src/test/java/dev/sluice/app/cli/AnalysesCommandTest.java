package dev.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AnalysesCommandTest {
    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void folderOfTheConfigurationIsChecked() throws IOException {
        Files.createDirectories(folder.resolve("own/broken"));
        Files.writeString(folder.resolve("own/broken/analysis.yaml"), "name: broken\n");
        Path config =
                Files.writeString(
                        folder.resolve("sluice.yaml"), "analyses.dir: " + folder.resolve("own"));

        int code = run("analyses", "check", "-c", config.toString());

        assertThat(code).isEqualTo(SluiceCommand.MISUSED);
        assertThat(err.toString()).contains("broken/analysis.yaml");
    }

    @Test
    void notesAreShownWhereTheyAreAskedFor() {
        assertThat(run("analyses", "check")).isZero();
        assertThat(out.toString().lines()).containsExactly("3 analyses, no problems");

        assertThat(run("analyses", "check", "--notes")).isZero();
        assertThat(out.toString()).contains("seo: openai");
    }

    private int run(String... arguments) {
        CommandLine commandLine = SluiceCommand.commandLine(Optional.empty());
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }
}
