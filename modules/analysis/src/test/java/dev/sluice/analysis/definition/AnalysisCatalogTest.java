package dev.sluice.analysis.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    void fingerprintChangesWithDefinitionAndSchema() throws IOException {
        write("notes", DEFINITION, SCHEMA);
        String before = fingerprint();
        write("notes", DEFINITION, SCHEMA.replace("50", "51"));
        String after = fingerprint();

        assertThat(before).hasSize(12).isNotEqualTo(after);
    }

    @Test
    void allProblemsOfAllDefinitionsAreToldAtOnceWithFileAndKey() throws IOException {
        write(
                "notes",
                DEFINITION
                        .replace("task: Read.\n", "tusk: Read.\n")
                        .replace("kind: text", "kind: pdf"),
                SCHEMA.replace("\"maxLength\":50,", ""));
        write("other", DEFINITION, SCHEMA.replace("\"description\":\"The gist.\"", "\"x\":1"));

        assertThatThrownBy(() -> AnalysisCatalog.load(Optional.of(folder)))
                .isInstanceOf(InvalidDefinitionsException.class)
                .hasMessageContaining("notes/analysis.yaml tusk: is no known key")
                .hasMessageContaining("notes/analysis.yaml task: is missing")
                .hasMessageContaining("notes/analysis.yaml input.kind")
                .hasMessageContaining("notes/output.schema.json /properties/gist: is unbounded")
                .hasMessageContaining("other/analysis.yaml name: must be the folder's name")
                .hasMessageContaining(
                        "other/output.schema.json /properties/gist: has no description");
    }

    @Test
    void missingFolderIsToldByName() {
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
