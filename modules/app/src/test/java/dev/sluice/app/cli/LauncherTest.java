package dev.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The script {@code sluice} in the project's folder. */
class LauncherTest {
    private static final Pattern OF_THE_SERVICE =
            Pattern.compile("(?m)^ *([a-z |-]+)\\) module=app ");

    @Test
    void startsEachCommandOfTheServiceWithoutTheStandIns() throws IOException {
        Matcher listed = OF_THE_SERVICE.matcher(Files.readString(Path.of("../../sluice")));
        assertThat(listed.find()).isTrue();
        Set<String> commands =
                new TreeSet<>(
                        SluiceCommand.commandLine(Optional.empty()).getSubcommands().keySet());
        // The simulator answers analyze and eval; completion knows the demo's commands, too.
        commands.removeAll(Set.of("analyze", "eval", "completion"));

        assertThat(Arrays.stream(listed.group(1).split("\\|")).map(String::strip))
                .containsExactlyInAnyOrderElementsOf(commands);
    }
}
