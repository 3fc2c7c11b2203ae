package dev.sluice.app.cli.common;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WordsTest {
    @Test
    void oneIsSingular() {
        assertThat(Words.count(1, "request")).isEqualTo("1 request");
        assertThat(Words.count(2_000, "request")).isEqualTo("2,000 requests");
    }

    @Test
    void linesAreBrokenBetweenWords() {
        assertThat(Words.wrapped("one two three four", 9)).isEqualTo("one two\nthree\nfour");
        assertThat(Words.wrapped("one  two", 7)).isEqualTo("one two");
        assertThat(Words.wrapped("incomprehensible a b", 5)).isEqualTo("incomprehensible\na b");
        assertThat(Words.wrapped("", 5)).isEmpty();
    }
}
