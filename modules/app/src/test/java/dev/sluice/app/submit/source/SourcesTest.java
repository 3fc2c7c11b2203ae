package dev.sluice.app.submit.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourcesTest {
    private static final Columns GUESSED =
            new Columns(Optional.empty(), Optional.empty(), Optional.empty(), Set.of());

    @TempDir private Path folder;

    private final List<String> problems = new ArrayList<>();
    private List<String> explanations = List.of();

    @Test
    void folderIsItsFilesInOrderWithoutHiddenOnes() throws Exception {
        Files.createDirectories(folder.resolve("b/.hidden"));
        Files.writeString(folder.resolve("b/one.html"), "<p>one");
        Files.writeString(folder.resolve("a.txt"), "a");
        Files.writeString(folder.resolve(".git"), "no");
        Files.writeString(folder.resolve("b/.hidden/x"), "no");

        List<Item> items = read(GUESSED, folder.toString());

        assertThat(items).extracting(Item::label).containsExactly("a.txt", "b/one.html");
        assertThat(items).extracting(Item::content).containsExactly("a", "<p>one");
    }

    @Test
    void filesOfTheSameNameAreToldApart() throws Exception {
        for (String part : List.of("x", "y")) {
            Files.createDirectories(folder.resolve(part));
            Files.writeString(folder.resolve(part + "/page.html"), part);
        }

        List<Item> items =
                read(
                        GUESSED,
                        folder.resolve("x/page.html").toString(),
                        folder.resolve("y/page.html").toString());

        assertThat(items)
                .extracting(Item::label)
                .containsExactly("page.html", folder.resolve("y/page.html").toString());
    }

    @Test
    void csvColumnsAreGuessedAndNamed() throws Exception {
        write(
                "rows.csv",
                "Request_ID;text;User ID;lang\n7;\"two\nlines; quoted\";ann;de\n8;b;;en\n");

        List<Item> items = read(withAttributes("lang"), folder.resolve("rows.csv").toString());

        assertThat(explanations)
                .containsExactly(
                        "rows.csv: content from 'text', requestId from 'Request_ID', userId from"
                                + " 'User ID', attributes from 'lang'");
        assertThat(items).hasSize(2);
        assertThat(items.getFirst().label()).isEqualTo("rows.csv:1");
        assertThat(items.getFirst().content()).isEqualTo("two\nlines; quoted");
        assertThat(items.getFirst().id()).contains("7");
        assertThat(items.getFirst().userId()).contains("ann");
        assertThat(items.getFirst().attributes()).isEqualTo(Map.of("lang", "de"));
        assertThat(items.getLast().userId()).as("an empty cell names nobody").isEmpty();
    }

    @Test
    void csvOfASpreadsheetIsRead() throws Exception {
        write("bom.csv", "\uFEFFtext\nfirst\n\nsecond\n");
        write("tabs.tsv", "id\ttext\n1\ta, b\n");

        assertThat(read(GUESSED, folder.resolve("bom.csv").toString()))
                .extracting(Item::content)
                .containsExactly("first", "second");
        assertThat(read(GUESSED, folder.resolve("tabs.tsv").toString()))
                .extracting(Item::content)
                .containsExactly("a, b");
    }

    @Test
    void csvInAnotherEncodingNamesTheOption() throws Exception {
        Files.write(
                folder.resolve("latin.csv"), "text\ngrün\n".getBytes(StandardCharsets.ISO_8859_1));
        String file = folder.resolve("latin.csv").toString();

        assertThatThrownBy(() -> read(GUESSED, file))
                .isInstanceOf(InvalidSourceException.class)
                .hasMessageContaining("latin.csv is not valid UTF-8; name its encoding")
                .hasMessageContaining("--encoding");
        assertThat(read(GUESSED, StandardCharsets.ISO_8859_1, file))
                .extracting(Item::content)
                .containsExactly("grün");
    }

    @Test
    void rowOfAnotherWidthIsAProblemAndTheOthersAreRead() throws Exception {
        write("rows.csv", "id,text\n1,a\n2,b,c\n3,d\n");

        assertThat(read(GUESSED, folder.resolve("rows.csv").toString()))
                .extracting(Item::content)
                .containsExactly("a", "d");
        assertThat(problems)
                .singleElement()
                .asString()
                .startsWith("rows.csv:2: the row has 3 columns, the header has 2");
    }

    @Test
    void missingColumnsAreNamed() throws Exception {
        write("rows.csv", "a,b\n1,2\n");
        String file = folder.resolve("rows.csv").toString();

        assertThatThrownBy(() -> read(GUESSED, file))
                .hasMessage(
                        "rows.csv: which column has the content? Name it with --content-column;"
                                + " there are a, b");
        assertThatThrownBy(() ->
                        read(
                                new Columns(
                                        Optional.of("c"),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Set.of()),
                                file))
                .hasMessage("rows.csv has no column 'c'; there are a, b");
        write("ids.csv", "id\n1\n");
        assertThatThrownBy(() -> read(GUESSED, folder.resolve("ids.csv").toString()))
                .hasMessageContaining("ids.csv: which column has the content?");
        write("empty.csv", "");
        assertThatThrownBy(() -> read(GUESSED, folder.resolve("empty.csv").toString()))
                .hasMessage("empty.csv is empty; it needs a header");
        write("twice.csv", "a,a\n1,2\n");
        assertThatThrownBy(() -> read(GUESSED, folder.resolve("twice.csv").toString()))
                .isInstanceOf(InvalidSourceException.class)
                .hasMessageContaining("twice.csv: the header");
        write("open.csv", "text\n\"never closed\n");
        assertThatThrownBy(() -> read(GUESSED, folder.resolve("open.csv").toString()))
                .isInstanceOf(InvalidSourceException.class)
                .hasMessageContaining("open.csv cannot be read as CSV")
                .hasMessageContaining("a quote that is opened is never closed");
    }

    @Test
    void jsonLinesHaveFieldsAndAttributes() throws Exception {
        write(
                "rows.jsonl",
                """
                {"no": "content"}
                {"id": 7, "content": "a", "attributes": {"page": 3, "lang": "de"}}

                not json
                {"content": "b", "userId": null}
                {"id": "only"}
                {"content": 5}
                """);

        List<Item> items = read(GUESSED, folder.resolve("rows.jsonl").toString());

        assertThat(items).extracting(Item::label).containsExactly("rows.jsonl:2", "rows.jsonl:5");
        assertThat(items.getFirst().id()).contains("7");
        assertThat(items.getFirst().attributes()).isEqualTo(Map.of("page", "3", "lang", "de"));
        assertThat(items.getLast().userId()).isEmpty();
        assertThat(problems)
                .satisfiesExactly(
                        line ->
                                assertThat(line)
                                        .startsWith("rows.jsonl:1: rows.jsonl: which column"),
                        line ->
                                assertThat(line)
                                        .isEqualTo("rows.jsonl:4: the line is not a JSON object"),
                        line ->
                                assertThat(line)
                                        .startsWith("rows.jsonl:6: ")
                                        .contains("which column has the content?"),
                        line ->
                                assertThat(line)
                                        .isEqualTo(
                                                "rows.jsonl:7: the content must be a text, in"
                                                        + " quotes"));
    }

    @Test
    void standardInputIsReadTwice() throws Exception {
        InputStream in = new ByteArrayInputStream("text".getBytes(StandardCharsets.UTF_8));
        try (Sources sources =
                Sources.open(List.of("-"), in, reading(GUESSED, StandardCharsets.UTF_8))) {
            assertThat(items(sources)).extracting(Item::content).containsExactly("text");
            assertThat(items(sources)).extracting(Item::label).containsExactly("-");
        }
    }

    @Test
    void outcomesAreNotWrittenIntoASource() throws Exception {
        Files.createDirectories(folder.resolve("pages"));
        List<String> sources = List.of("-", folder.resolve("pages").toString());

        assertThatThrownBy(() -> Sources.requireOutside(folder.resolve("pages/out"), sources))
                .isInstanceOf(InvalidSourceException.class)
                .hasMessageContaining("the next submission would take the outcomes for items");
        Sources.requireOutside(folder.resolve("out"), sources);
    }

    @Test
    void missingAndEmptySourcesAreErrors() {
        assertThatThrownBy(() -> read(GUESSED, "nowhere"))
                .hasMessage("there is no file or folder nowhere");
        assertThatThrownBy(() -> read(GUESSED, folder.toString()))
                .hasMessage("there are no files in " + folder);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private static Columns withAttributes(String... names) {
        return new Columns(Optional.empty(), Optional.empty(), Optional.empty(), Set.of(names));
    }

    private List<Item> read(Columns columns, String... names)
            throws IOException, InterruptedException {
        return read(columns, StandardCharsets.UTF_8, names);
    }

    private List<Item> read(Columns columns, Charset charset, String... names)
            throws IOException, InterruptedException {
        try (Sources sources =
                Sources.open(
                        List.of(names), InputStream.nullInputStream(), reading(columns, charset))) {
            explanations = sources.explanations();
            return items(sources);
        }
    }

    private static Sources.Reading reading(Columns columns, Charset charset) {
        return new Sources.Reading(Optional.empty(), columns, charset, Optional.empty());
    }

    private List<Item> items(Sources sources) throws IOException, InterruptedException {
        List<Item> items = new ArrayList<>();
        sources.read(
                new ItemSource.Receiver() {
                    @Override
                    public void item(Item item) {
                        items.add(item);
                    }

                    @Override
                    public void problem(String label, String message) {
                        problems.add(label + ": " + message);
                    }
                });
        return items;
    }
}
