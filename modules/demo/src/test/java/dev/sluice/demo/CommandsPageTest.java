package dev.sluice.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/COMMANDS.md. */
class CommandsPageTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z-]+)( create)?` \\|");

    @Test
    void hasEveryCommandOnce() throws IOException {
        String page = Files.readString(Path.of("../../docs/COMMANDS.md"));

        assertThat(ROW.matcher(page).results().map(found -> found.group(1)))
                .containsExactlyInAnyOrderElementsOf(Main.commandLine().getSubcommands().keySet());
    }
}
