package dev.sluice.evals.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.evals.TestCases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class EvalSetTest {
    private static final PreparedInput INPUT = new PreparedInput("text", 4, 4, 4);

    @TempDir private Path folder;

    @Test
    void caseHasItsContentItsTagsAndItsExpectation() throws Exception {
        write(
                "good-page",
                """
                description: A page without problems.
                tags: [good, html]
                content: |
                  <title>Good</title>
                expect:
                  output:
                    properties:
                      title_tag: {const: Good}
                  checks:
                    - expression: output.priority_score <= 3
                      message: a page without problems is not urgent
                      path: /priority_score
                """);

        EvalCase one = read().getFirst();

        assertThat(one.id()).isEqualTo("good-page");
        assertThat(one.tags()).containsExactlyInAnyOrder("good", "html");
        assertThat(one.content()).isEqualTo("<title>Good</title>\n");
        assertThat(one.expectation().differences(output("Good", 1), INPUT)).isEmpty();
        assertThat(one.expectation().differences(output("Bad", 9), INPUT))
                .extracting(Object::toString)
                .containsExactly(
                        "/title_tag: must be the constant value 'Good'",
                        "/priority_score: a page without problems is not urgent");
    }

    @Test
    void contentMayBeInAFileInItsOwnEncoding() throws Exception {
        Files.write(
                folder.resolve("page.html"),
                "<meta charset=iso-8859-1><title>Größe</title>"
                        .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
        write(
                "encoded",
                """
                description: d
                file: page.html
                expect: {output: {required: [title_tag]}}
                """);

        assertThat(read().getFirst().content()).contains("Größe");
    }

    @Test
    void hashChangesWithContentAndExpectationAndNotWithTheRest() throws Exception {
        String base = "description: d\ncontent: c\nexpect: {output: {required: [title_tag]}}\n";
        write("a", base);
        write("b", base.replace("description: d", "description: other\ntags: [x]"));
        write("c", base.replace("content: c", "content: other"));
        write("d", base.replace("title_tag", "summary"));

        List<String> hashes = read().stream().map(EvalCase::hash).toList();

        assertThat(hashes.get(1)).isEqualTo(hashes.get(0));
        assertThat(hashes.get(2)).isNotEqualTo(hashes.get(0));
        assertThat(hashes.get(3)).isNotEqualTo(hashes.get(0));
    }

    @Test
    void allProblemsAreNamedWithTheirPlace() throws Exception {
        write("Bad Name", "description: d\ncontent: c\nexpect: {output: {}}\n");
        write("no-content", "description: d\nexpect: {output: {}}\n");
        write("no-file", "description: d\nfile: missing.html\nexpect: {output: {}}\n");
        write("nothing", "description: d\ncontent: c\nexpect: {}\n");
        write("misspelt", "descripton: d\ncontent: c\nexpect: {output: {}}\n");
        write(
                "unknown-field",
                "description: d\ncontent: c\nexpect: {output: {properties: {titel: {}}}}\n");
        write(
                "check",
                "description: d\ncontent: c\nexpect: {checks: [{expression: output.x, message: m}]}\n");
        write("no-yaml", "a: [");
        write(
                "keyword",
                "description: d\ncontent: c\nexpect: {output: {properties: {summary: {enmu: [x]}}}}\n");
        write(
                "path",
                "description: d\ncontent: c\nexpect: {checks: [{expression: 'true', message: m, path: x}]}\n");
        Files.writeString(folder.resolve("other.yml"), "");

        assertThatThrownBy(this::read)
                .hasMessageContaining("seo/evals/Bad Name.yaml: must be named")
                .hasMessageContaining("seo/evals/no-content.yaml content: write either content")
                .hasMessageContaining("seo/evals/no-file.yaml file: there is no file ")
                .hasMessageContaining("seo/evals/nothing.yaml expect.output: expects nothing")
                .hasMessageContaining("seo/evals/misspelt.yaml descripton: is not a known key")
                .hasMessageContaining("expect.output.properties.titel: is no field of the output")
                .hasMessageContaining("seo/evals/check.yaml expect.checks[1].expression")
                .hasMessageContaining("seo/evals/no-yaml.yaml")
                .hasMessageContaining("output.properties.summary.enmu: is no keyword")
                .hasMessageContaining("expect.checks[1].path: must be a JSON Pointer")
                .hasMessageContaining("seo/evals/other.yml: must end with .yaml");
    }

    private void write(String id, String yaml) throws Exception {
        Files.writeString(folder.resolve(id + ".yaml"), yaml);
    }

    private List<EvalCase> read() throws Exception {
        return EvalSet.read(folder, TestCases.SEO).cases();
    }

    private static ObjectNode output(String title, int score) {
        return JsonMapper.shared()
                .createObjectNode()
                .put("title_tag", title)
                .put("priority_score", score);
    }
}
