package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.cli.SluiceCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The code of docs/JAVA.md is that of {@code examples/java}. */
class JavaPageTest {
    private static final Path ROOT = Path.of("../..");
    private static final Path EXAMPLE = ROOT.resolve("examples/java/src/main");
    private static final Pattern CODE = Pattern.compile("(?s)```java\n(.*?)```");

    @Test
    void codeIsThatOfTheExample() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/JAVA.md"));
        List<String> blocks =
                CODE.matcher(page).results().map((MatchResult found) -> found.group(1)).toList();

        assertThat(blocks)
                .containsExactly(
                        Files.readString(EXAMPLE.resolve("java/example/PublishRequests.java")),
                        Files.readString(EXAMPLE.resolve("java/example/ReadOutcomes.java")));
    }

    @Test
    void schemaOfResultsIsWhatTheCommandPrints() throws IOException {
        StringWriter out = new StringWriter();
        int exitCode =
                SluiceCommand.commandLine(Optional.empty())
                        .setOut(new PrintWriter(out))
                        .execute("analyses", "schema", "seo");

        assertThat(exitCode).isZero();
        assertThat(out.toString())
                .isEqualTo(Files.readString(EXAMPLE.resolve("avro/SeoResult.avsc")));
    }
}
