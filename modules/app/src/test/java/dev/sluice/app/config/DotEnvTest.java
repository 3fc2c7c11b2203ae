package dev.sluice.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DotEnvTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "K=v ~ v",
                "export K=v ~ v",
                "  export   K = v   ~ v",
                "K='v' ~ v",
                "K='a\\nb #c' # comment ~ `a\\nb #c`",
                "K=\"v\" ~ v",
                "K=\"a\\\"b\\\\c\" ~ `a\"b\\c`",
                "K=v # comment ~ v",
                "K=v#no-comment ~ v#no-comment",
                "K=pa$$word${x} ~ pa$$word${x}",
                "K=a=b== ~ a=b==",
                "K= ~ ``",
                "K='' ~ ``",
            })
    void formsOfALine(String line, String value) throws IOException {
        assertThat(read(line)).containsOnly(Map.entry("K", value));
        assertThat(read("\uFEFF" + line + "\r\n# comment\r\n\r\nL=2"))
                .containsOnly(Map.entry("K", value), Map.entry("L", "2"));
    }

    @Test
    void valueInQuotationMarksMayHaveLines() throws IOException {
        assertThat(read("A=\"one\ntwo\\nthree\"\nB='four\nfive'"))
                .containsOnly(Map.entry("A", "one\ntwo\nthree"), Map.entry("B", "four\nfive"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "SECRET ~ line 2 is not NAME=VALUE",
                "exportK SECRET ~ line 2 is not NAME=VALUE",
                "1K=SECRET ~ line 2 is not NAME=VALUE",
                "K=\"SECRET ~ line 2 has no closing quotation mark",
                "K=\"a\" SECRET ~ line 2 has text after its closing quotation mark",
            })
    void invalidLineIsNamedAndNotShown(String line, String problem) {
        assertThatThrownBy(() -> read("A=1\n" + line + "\n"))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining(".env " + problem)
                .message()
                .doesNotContain("SECRET");
    }

    @Test
    void fileThatIsNotTextIsReported() throws IOException {
        Path file = folder.resolve(".env");
        Files.write(file, "K=SECRETü".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> DotEnv.read(file))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining(".env cannot be read as UTF-8 text")
                .message()
                .doesNotContain("SECRET");
        assertThat(DotEnv.read(folder.resolve("nowhere"))).isEmpty();
    }

    private Map<String, String> read(String text) throws IOException {
        return DotEnv.read(Files.writeString(folder.resolve(".env"), text));
    }
}
