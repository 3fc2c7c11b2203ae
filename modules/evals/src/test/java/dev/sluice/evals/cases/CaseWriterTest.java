package dev.sluice.evals.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.evals.TestCases;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class CaseWriterTest {
    private static final String CONTENT = "<title>A: \"quoted\"</title>\n  two lines\n";

    @TempDir private Path folder;

    @Test
    void caseIsReadAsItWasWritten() throws Exception {
        ObjectNode output =
                JsonMapper.shared()
                        .createObjectNode()
                        .put("title_tag", "A long title of many words")
                        .put("priority_score", 4);
        write(CONTENT, Optional.of(output));

        EvalCase one = EvalSet.read(folder, TestCases.SEO).cases().getFirst();

        assertThat(one.content()).isEqualTo(CONTENT);
        assertThat(one.tags()).containsExactly("production");
        PreparedInput input = new PreparedInput("", 0, 0, 0);
        assertThat(one.expectation().differences(output, input)).isEmpty();
        assertThat(one.expectation().differences(output.put("priority_score", 5), input))
                .hasSize(1);
    }

    @Test
    void caseIsNeverOverwritten() throws Exception {
        write("a", Optional.empty());

        assertThatThrownBy(() -> write("b", Optional.empty()))
                .isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void personalDataIsMasked() {
        ContentMask mask = ContentMask.of(List.of("Ann [A-Z][a-z]+"));

        assertThat(
                        mask.masked(
                                "Ann Smith, ann.smith+x@mail.example, +43 660 1234567,"
                                        + " card 4111-1111-1111-1111, room 12, 2030-01-31"))
                .isEqualTo(
                        "[masked], someone@example.com, 0000000, card 0000000, room 12, 0000000");
        assertThatThrownBy(() -> ContentMask.of(List.of("(")))
                .hasMessageContaining("'(' is no pattern");
    }

    private void write(String content, Optional<ObjectNode> output) throws Exception {
        CaseWriter.write(folder.resolve("one.yaml"), "d", List.of("production"), content, output);
    }
}
