package dev.sluice.bench.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageTableTest {
    @TempDir private Path folder;

    @Test
    void replacesTheTableOfItsNameOnly() throws IOException {
        Path page =
                Files.writeString(
                        folder.resolve("page.md"),
                        """
                        before
                        <!-- table b3, picture of "records" -->
                        | old |
                        <!-- end -->
                        <!-- table b9 -->
                        | kept |
                        <!-- end -->
                        """);
        PageTable table = new PageTable("b3", List.of("", "records"));
        table.row(List.of("Sluice", "7"));

        table.print(Optional.of(page));

        assertThat(page)
                .hasContent(
                        """
                        before
                        <!-- table b3, picture of "records" -->
                        |  | records |
                        | --- | --- |
                        | Sluice | 7 |
                        <!-- end -->
                        <!-- table b9 -->
                        | kept |
                        <!-- end -->
                        """);
    }

    @Test
    void pageWithoutAPlaceIsLeftAsItIs() throws IOException {
        Path page = Files.writeString(folder.resolve("page.md"), "text\n");

        assertThatThrownBy(() -> new PageTable("b3", List.of("a")).print(Optional.of(page)))
                .isInstanceOf(IOException.class)
                .hasMessage(page + " has no place for the table b3");
        assertThat(page).hasContent("text\n");
    }
}
