package example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The code of docs/SPRING.md is that of this example. */
class SpringPageTest {
    private static final Path MAIN = Path.of("src/main");
    private static final Pattern CODE = Pattern.compile("(?s)```(?:java|yaml)\n(.*?)```");

    @Test
    void codeIsThatOfTheExample() throws IOException {
        String page = Files.readString(Path.of("../../docs/SPRING.md"));
        List<String> blocks =
                CODE.matcher(page).results().map((MatchResult found) -> found.group(1)).toList();

        assertThat(blocks)
                .containsExactly(
                        Files.readString(MAIN.resolve("resources/application.yaml")),
                        code("SluiceProperties"),
                        code("ReviewApplication"),
                        code("Reviews"),
                        code("ReviewReader"),
                        code("ReviewHandler"));
    }

    private static String code(String name) throws IOException {
        return Files.readString(MAIN.resolve("java/example/" + name + ".java"));
    }
}
