package dev.sluice.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The tables of keys in docs/CONFIGURATION.md are made from the code: key, default, values and
 * meaning. After a change, copy target/CONFIGURATION.md there. A new key needs a row with its name
 * first, in the table to which it belongs.
 */
class ConfigurationPageTest {
    private static final Path PAGE = Path.of("../../docs/CONFIGURATION.md");
    private static final String HEAD = "| key | default | values | meaning |";
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\|.*");

    @Test
    void tablesOfKeysAreThoseOfTheCode() throws IOException {
        Map<String, DocumentedKey> keys =
                DocumentedKey.all().stream()
                        .collect(Collectors.toMap(DocumentedKey::name, Function.identity()));
        List<String> page = Files.readAllLines(PAGE);
        List<String> made = new ArrayList<>();
        Set<String> shown = new HashSet<>();
        boolean isTable = false;
        for (String line : page) {
            Matcher row = ROW.matcher(line);
            isTable = line.equals(HEAD) || (isTable && line.startsWith("|"));
            if (isTable && row.matches() && keys.get(row.group(1)) instanceof DocumentedKey key) {
                made.add(key.row());
                assertThat(shown.add(key.name())).as("twice: " + key.name()).isTrue();
            } else {
                assertThat(isTable && row.matches()).as("no key of the code: " + line).isFalse();
                made.add(line);
            }
        }
        Files.write(Path.of("target/CONFIGURATION.md"), made);

        assertThat(shown).isEqualTo(keys.keySet());
        assertThat(page).isEqualTo(made);
    }

    @Test
    void variablesAreThoseThatTheLoaderReads() {
        assertThat(DocumentedKey.all())
                .filteredOn(key -> key.name().equals("worker.max-in-flight"))
                .extracting(DocumentedKey::variable)
                .containsExactly("SLUICE_WORKER_MAX_IN_FLIGHT");
        assertThat(DocumentedKey.all())
                .filteredOn(key -> key.name().equals("budgets.users.*"))
                .extracting(DocumentedKey::variable)
                .containsExactly("SLUICE_BUDGETS_USERS_NAME");
    }

    @Test
    void plainTextHasNoMarkdown() {
        assertThat(DocumentedKey.plain("see [ADR 30](adr/x.md), `a.b` or [c](#d)"))
                .isEqualTo("see ADR 30, a.b or c");
    }
}
