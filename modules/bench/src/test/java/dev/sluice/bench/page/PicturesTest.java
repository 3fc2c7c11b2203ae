package dev.sluice.bench.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PicturesTest {
    private static final Path DOCS = Path.of("../../docs");

    @Test
    void drawsTheMediansOfTheColumnAndNamesTheBarsAfterTheColumnsBefore() {
        var pictures =
                Pictures.of(
                        """
                        <!-- table b3, picture of "records a second" -->
                        | | answers | records a second | CPU |
                        | --- | --- | --- | --- |
                        | Sluice | exactly once | **3,868** (3,800–3,900) | 255 |
                        | a <loop> | at least once | 1934.0 | 118 |
                        | given up | – | – | – |
                        <!-- end -->
                        <!-- table b9 -->
                        | | records |
                        | --- | --- |
                        | Sluice | 7 |
                        """);

        assertThat(pictures).containsOnlyKeys("bench-b3.svg");
        assertThat(pictures.get("bench-b3.svg"))
                .contains(">records a second<", ">Sluice · exactly once<", ">3,868 (3,800–3,900)<")
                .contains(">a &lt;loop&gt; · at least once<")
                // The longest bar, and one of half its length.
                .contains("width=\"578.0\"", "width=\"289.0\"")
                .doesNotContain("given up");
    }

    @Test
    void aColumnThatTheTableDoesNotHaveIsAnError() {
        assertThatThrownBy(() ->
                        Pictures.of(
                                """
                                <!-- table b3, picture of "rate" -->
                                | | records |
                                | --- | --- |
                                """))
                .hasMessage("the table b3 has no such column: rate");
    }

    @Test
    void picturesAreThoseOfThePage() throws IOException {
        var pictures = Pictures.of(Files.readString(DOCS.resolve("BENCHMARKS.md")));

        assertThat(pictures).isNotEmpty();
        for (var picture : pictures.entrySet()) {
            assertThat(DOCS.resolve("images").resolve(picture.getKey()))
                    .as("modules/bench/bench pictures draws it")
                    .hasContent(picture.getValue());
        }
    }
}
