package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NamedTestsTest {
    private static final Path ROOT = Path.of("../..");

    /** Like {@code `BudgetTest`} or {@code `BudgetTest.unconfirmedCallsCountAsSpent`}. */
    private static final Pattern NAMED =
            Pattern.compile("`([A-Z]\\w*[a-z]\\w*(?:Test|IT))(?:\\.(\\w+))?`");

    @Test
    void testsThatDocumentsNameExist() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (Path file : files("modules", ".java")) {
            String name = file.getFileName().toString();
            sources.put(name.substring(0, name.length() - ".java".length()), read(file));
        }
        List<String> missing = new ArrayList<>();
        int found = 0;
        for (Path document : files("docs", ".md")) {
            Matcher names = NAMED.matcher(read(document));
            while (names.find()) {
                found++;
                String source = sources.getOrDefault(names.group(1), "");
                String method = names.group(2);
                if (source.isEmpty()
                        || (method != null && !source.contains("void " + method + "("))) {
                    missing.add(document.getFileName() + ": " + names.group());
                }
            }
        }

        assertThat(found).isGreaterThan(100);
        assertThat(missing).isEmpty();
    }

    private static List<Path> files(String folder, String ending) throws IOException {
        try (Stream<Path> all = Files.walk(ROOT.resolve(folder))) {
            return all.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
