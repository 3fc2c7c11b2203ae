package dev.sluice.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.Canary;
import dev.sluice.analysis.definition.InvalidDefinitionsException;
import dev.sluice.app.config.ServicePlan.Knowledge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CanariesTest {
    private static final Path SHIPPED = Path.of("../../analyses/seo");

    @TempDir private Path folder;
    private Path next = Path.of("");

    @BeforeEach
    void copy() throws IOException {
        next = Files.createDirectories(folder.resolve("any-name"));
        for (String file : new String[] {"analysis.yaml", "output.schema.json"}) {
            Files.copy(SHIPPED.resolve(file), next.resolve(file));
        }
    }

    private void change(String from, String to) throws IOException {
        Path file = next.resolve("analysis.yaml");
        String text = Files.readString(file);
        assertThat(text).containsPattern(from);
        Files.writeString(file, text.replaceFirst(from, to));
    }

    private Knowledge knowledge(String canary) throws IOException {
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, "analyses:\n  canaries:\n    " + canary + "\n");
        return Plans.knowledge(ConfigLoader.load(Optional.of(file), Map.of()));
    }

    @Test
    void bothVersionsAreLoaded() throws IOException {
        change("constraints:", "constraints:\n  - Be brief.");

        AnalysisCatalog analyses =
                knowledge("seo: {dir: '%s', percent: 25, by: user}".formatted(next)).analyses();

        Canary canary = analyses.canary("seo").orElseThrow();
        AnalysisDefinition current = analyses.find("seo").orElseThrow();
        assertThat(canary.percent()).isEqualTo(25);
        assertThat(canary.unit()).isEqualTo(Canary.Unit.USER);
        assertThat(canary.definition().instructions().constraints()).contains("Be brief.");
        assertThat(analyses.find("seo", canary.definition().fingerprint()))
                .contains(canary.definition());
        assertThat(analyses.find("seo", "an older one")).contains(current);
        assertThat(analyses.versions()).contains(current, canary.definition()).hasSize(4);
    }

    @Test
    void tenPercentOfTheRequestsAreTheDefault() throws IOException {
        change("constraints:", "constraints:\n  - Be brief.");

        Canary canary =
                knowledge("seo: {dir: '%s'}".formatted(next))
                        .analyses()
                        .canary("seo")
                        .orElseThrow();

        assertThat(canary.percent()).isEqualTo(10);
        assertThat(canary.unit()).isEqualTo(Canary.Unit.REQUEST);
    }

    @Test
    void canaryThatIsTheCurrentVersionIsRefused() {
        assertThatThrownBy(() -> knowledge("seo: {dir: '%s'}".formatted(next)))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("analyses.canaries.seo.dir: ")
                .hasMessageContaining("is the same as the current version")
                .hasMessageContaining("remove analyses.canaries.seo if you have accepted");
    }

    @Test
    void canaryOfAnUnknownAnalysisIsRefused() {
        assertThatThrownBy(() -> knowledge("se0: {dir: '%s'}".formatted(next)))
                .hasMessageContaining("analyses.canaries.se0: there is no such analysis");
    }

    @Test
    void folderOfAnalysesIsRefusedInOneLineWithTheRightOne() {
        assertThatThrownBy(() -> knowledge("any-name: {dir: '%s'}".formatted(folder)))
                .hasMessageContaining("there is no such analysis");
        assertThatThrownBy(() -> Canary.read(folder, "any-name"))
                .isInstanceOf(InvalidDefinitionsException.class)
                .hasMessageContaining("has no analysis.yaml; did you mean " + next)
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }

    @Test
    void canaryWithoutAFolderIsRefused() {
        assertThatThrownBy(() -> knowledge("seo: {percent: 5}"))
                .hasMessageContaining("analyses.canaries.seo.dir is missing");
    }

    @Test
    void missingFolderIsRefused() {
        assertThatThrownBy(() -> knowledge("seo: {dir: nowhere}"))
                .hasMessageContaining("there is no folder")
                .hasMessageContaining("analysis.yaml");
    }

    @Test
    void canaryThatAcceptsOtherContentsIsRefused() throws IOException {
        change("max_bytes: \\d+", "max_bytes: 1000");

        assertThatThrownBy(() -> knowledge("seo: {dir: '%s'}".formatted(next)))
                .hasMessageContaining("its input.max_bytes is 1000, and the");
    }

    @Test
    void definitionOfAnotherNameIsRefused() throws IOException {
        change("name: seo", "name: other");

        assertThatThrownBy(() -> knowledge("seo: {dir: '%s'}".formatted(next)))
                .isInstanceOf(InvalidDefinitionsException.class)
                .hasMessageContaining("must be seo, was 'other'");
    }

    @Test
    void wrongValuesAreRefusedWithTheRightOnes() {
        assertThatThrownBy(() -> knowledge("seo: {dir: '%s', percent: 100}".formatted(next)))
                .hasMessageContaining("analyses.canaries.seo.percent")
                .hasMessageContaining("from 0 to 99");
        assertThatThrownBy(() -> knowledge("seo: {dir: '%s', by: page}".formatted(next)))
                .hasMessageContaining("analyses.canaries.seo.by")
                .hasMessageContaining("request");
    }
}
