package dev.sluice.app.cli.common;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SafeTextTest {
    @Test
    void charactersThatControlATerminalAreEscaped() {
        assertThat(SafeText.of("a\u001b]52;c;eA==\u0007b")).isEqualTo("a\\u001b]52;c;eA==\\u0007b");
        assertThat(SafeText.of("one\ntwo\r")).isEqualTo("one\\u000atwo\\u000d");
        assertThat(SafeText.of("abc\u202ecba\u2028")).isEqualTo("abc\\u202ecba\\u2028");
        assertThat(SafeText.of("\u009b31m")).isEqualTo("\\u009b31m");
    }

    @Test
    void otherTextStays() {
        assertThat(SafeText.of("Grüße, 😀 – 日本")).isEqualTo("Grüße, 😀 – 日本");
        assertThat(SafeText.orNone("")).isEqualTo("-");
        assertThat(SafeText.orNone(null)).isEqualTo("-");
    }
}
