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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionCommandTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "sluice dead, dead-letters",
        "sluice dead-letters re, redrive",
        "sluice submit --wait-f, --wait-for-budget",
        "sluice budget s, set"
    })
    void bashCompletesCommandsAndOptions(String typed, String completed) throws Exception {
        Path script = folder.resolve("completion.bash");
        Files.writeString(script, completion("bash"));
        String test =
                """
                source %s
                COMP_WORDS=(%s)
                COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
                _complete_sluice
                printf '%%s\\n' "${COMPREPLY[@]}"
                """
                        .formatted(script, typed);

        assertThat(bash(test).lines()).contains(completed);
    }

    @Test
    void fishKnowsCommandsSubcommandsAndOptions() {
        assertThat(completion("fish").lines())
                .contains(
                        "complete -c sluice -n '__fish_use_subcommand' -f -a submit -d 'Publishes"
                                + " files, or the rows of CSV and JSON Lines files, as requests'")
                .anyMatch(line ->
                        line.startsWith(
                                "complete -c sluice -n '__fish_seen_subcommand_from dead-letters; and"
                                        + " __fish_seen_subcommand_from redrive' -l dry-run -f"))
                .allMatch(line -> line.startsWith("complete -c sluice -n '"));
    }

    private static String completion(String shell) {
        StringWriter out = new StringWriter();
        int exitCode =
                SluiceCommand.commandLine(Optional.empty())
                        .setOut(new PrintWriter(out))
                        .execute("completion", shell);
        assertThat(exitCode).isZero();
        return out.toString();
    }

    private static String bash(String script) throws IOException, InterruptedException {
        Process bash = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true).start();
        String printed = new String(bash.getInputStream().readAllBytes());
        assertThat(bash.waitFor()).as(printed).isZero();
        return printed;
    }
}
