package dev.sluice.analysis.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.input.InputKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnalysisCatalogTest {
    private static final String DEFINITION =
            """
            name: notes
            role: You are a reader.
            task: Read.
            constraints: [Be brief.]
            on_insufficient_input: Say so.
            model: gpt-4.1-mini
            input: {kind: text, max_characters: 100, max_bytes: 1000}
            output: {max_tokens: 50}
            """;
    private static final String SCHEMA =
            """
            {"type":"object","additionalProperties":false,"required":["gist"],"properties":
             {"gist":{"type":"string","maxLength":50,"description":"The gist."}}}
            """;

    @TempDir private Path folder;

    @Test
    void anAnalysisIsAFolder() throws IOException {
        write("notes", DEFINITION, SCHEMA);

        AnalysisCatalog catalog = AnalysisCatalog.load(Optional.of(folder));

        AnalysisDefinition notes = catalog.find("notes").orElseThrow();
        assertThat(notes.input().kind()).isEqualTo(InputKind.TEXT);
        assertThat(notes.output().repairAttempts()).isEqualTo(1);
        assertThat(catalog.find("seo")).isPresent();
    }

    @Test
    void hiddenFoldersOfAMountedConfigMapAreNoAnalyses() throws IOException {
        Path version = Files.createDirectory(folder.resolve("..2026_11_29_08_00_00.1"));
        Files.createSymbolicLink(folder.resolve("..data"), version.getFileName());
        Files.createDirectory(version.resolve("notes"));
        Files.createSymbolicLink(folder.resolve("notes"), Path.of("..data/notes"));
        write("notes", DEFINITION, SCHEMA);

        assertThat(AnalysisCatalog.load(Optional.of(folder)).find("notes")).isPresent();
        assertThat(AnalysisCatalog.names(Optional.of(folder)))
                .contains("notes", "seo")
                .noneMatch(name -> name.startsWith("."));
    }

    @Test
    void fingerprintChangesWithDefinitionAndSchema() throws IOException {
        write("notes", DEFINITION, SCHEMA);
        String before = fingerprint();
        write("notes", DEFINITION, SCHEMA.replace("50", "51"));
        String after = fingerprint();

        assertThat(before).hasSize(12).isNotEqualTo(after);
    }

    @Test
    void byteOrderMarksAreIgnored() throws IOException {
        write("notes", DEFINITION, SCHEMA);
        String before = fingerprint();
        write("notes", "\uFEFF" + DEFINITION, "\uFEFF" + SCHEMA);

        assertThat(fingerprint()).isEqualTo(before);
    }

    @Test
    void allProblemsOfAllDefinitionsAreReportedAtOnceWithFileAndKey() throws IOException {
        write(
                "notes",
                DEFINITION
                        .replace("task: Read.\n", "tusk: Read.\n")
                        .replace("kind: text", "kind: pdf"),
                SCHEMA.replace("\"maxLength\":50,", ""));
        write("other", DEFINITION, SCHEMA.replace("\"description\":\"The gist.\"", "\"x\":1"));

        assertThatThrownBy(() -> AnalysisCatalog.load(Optional.of(folder)))
                .isInstanceOf(InvalidDefinitionsException.class)
                .hasMessageContaining("notes/analysis.yaml tusk: is not a known key")
                .hasMessageContaining("notes/analysis.yaml task: is missing")
                .hasMessageContaining("notes/analysis.yaml input.kind")
                .hasMessageContaining("notes/output.schema.json /properties/gist: is unbounded")
                .hasMessageContaining("other/analysis.yaml name: must be the folder's name")
                .hasMessageContaining(
                        "other/output.schema.json /properties/gist: has no description");
    }

    @Test
    void checksAreCompiledAgainstTheSchema() throws IOException {
        write(
                "notes",
                DEFINITION
                        + """
                        checks:
                          - {expression: size(output.gist) > 3, message: too short, path: /gist}
                          - {expression: output.gits == 'x', message: m}
                          - {expression: output.gist, messag: m, path: gist}
                        """,
                SCHEMA);

        assertThatThrownBy(() -> AnalysisCatalog.load(Optional.of(folder)))
                .hasMessageContaining(
                        "notes/analysis.yaml checks[2].expression: undefined field 'gits'")
                .hasMessageContaining("checks[3].messag: is not a known key")
                .hasMessageContaining("checks[3].message: is missing")
                .hasMessageContaining("checks[3].path: must be a JSON Pointer")
                .hasMessageContaining("checks[3].expression: expected type 'bool'")
                .message()
                .doesNotContain("checks[1]");
    }

    @Test
    void eachWrongTypeAndRangeIsReported() throws IOException {
        write(
                "notes",
                DEFINITION
                                .replace("role: ", "temperature: 3\nfallbacks: [[a], '']\nrole: ")
                                .replace(
                                        "max_characters: 100",
                                        "max_characters: 0, max_tokens: many")
                                .replace("max_tokens: 50", "max_tokens: 1.5, max_words: 3")
                        + "repair_attempts: 99999999999999999999\ncache: an hour\nconstraints2: {}\n",
                SCHEMA);

        assertThatThrownBy(() -> AnalysisCatalog.load(Optional.of(folder)))
                .hasMessageContaining("temperature: must be a number from 0.0 to 2.0")
                .hasMessageContaining("fallbacks[1]: must be a text")
                .hasMessageContaining("fallbacks[2]: must be a text")
                .hasMessageContaining("input.max_characters: must be a whole number from 1")
                .hasMessageContaining("input.max_tokens: must be a whole number")
                .hasMessageContaining("output.max_tokens: must be a whole number")
                .hasMessageContaining("output.max_words: is not a known key")
                .hasMessageContaining("repair_attempts: must be a whole number from 0 to 5")
                .hasMessageContaining("cache: must be an ISO duration");
    }

    @Test
    void unreadableFilesAreReportedWithTheLine() throws IOException {
        write("notes", "name: notes\nrole: [\n", "{\n\"type\": \"object\",,\n}");

        assertThatThrownBy(() -> AnalysisCatalog.load(Optional.of(folder)))
                .hasMessageContaining("notes/analysis.yaml: line ")
                .hasMessageContaining("notes/output.schema.json: line 2");
    }

    @Test
    void missingFolderIsReportedByName() {
        assertThatThrownBy(() -> AnalysisCatalog.load(Optional.of(folder.resolve("nowhere"))))
                .hasMessageContaining("nowhere");
    }

    private String fingerprint() {
        return AnalysisCatalog.load(Optional.of(folder)).find("notes").orElseThrow().fingerprint();
    }

    private void write(String name, String definition, String schema) throws IOException {
        Path analysis = Files.createDirectories(folder.resolve(name));
        Files.writeString(analysis.resolve("analysis.yaml"), definition);
        Files.writeString(analysis.resolve("output.schema.json"), schema);
    }
}
