package dev.sluice.app.letters;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AnswerPlacesTest {
    @Test
    void valuesAreMarkedByTheirPointers() {
        AnswerPlaces places =
                new AnswerPlaces(
                        "{\"score\": 999, \"issues\": [\"one\", {\"a/b\": true}], \"n\": null}");

        assertThat(places.marked("/score"))
                .contains("{\"score\": ⟦999⟧, \"issues\": [\"one\", {\"a/b\": true}], \"n\":…");
        assertThat(places.marked("/issues/0").orElseThrow()).contains("[⟦\"one\"⟧, {");
        assertThat(places.marked("/issues/1/a~1b").orElseThrow()).contains("\"a/b\": ⟦true⟧}");
        assertThat(places.marked("/issues").orElseThrow())
                .contains("⟦[\"one\", {\"a/b\": true}]⟧, \"n\"");
        assertThat(places.marked("/n").orElseThrow()).endsWith("\"n\": ⟦null⟧}");
        assertThat(places.marked("").orElseThrow()).startsWith("⟦{").endsWith("}⟧");
        assertThat(places.marked("/nothing")).isEmpty();
    }

    @Test
    void answerThatEndsInTheMiddleHasThePlacesBefore() {
        AnswerPlaces places = new AnswerPlaces("{\"a\": \"x\\ny\", \"b\": [1, 2, \"unfin");

        assertThat(places.marked("/a")).contains("{\"a\": ⟦\"x\\ny\"⟧, \"b\": [1, 2, \"unfin");
        assertThat(places.marked("/b/1").orElseThrow()).contains("⟦2⟧");
        assertThat(places.marked("/b")).isEmpty();
    }

    @Test
    void textAroundTheJsonIsSkipped() {
        AnswerPlaces places = new AnswerPlaces("Here it is:\n```json\n{\"a\":\n  5}\n```\nDone.");

        assertThat(places.marked("/a").orElseThrow()).contains("{\"a\": ⟦5⟧} ```");
        assertThat(new AnswerPlaces("no JSON at all").marked("")).isEmpty();
        assertThat(new AnswerPlaces("").marked("")).isEmpty();
    }

    @Test
    void longValuesAreShortenedAndCharactersAreKeptWhole() {
        String emoji = "😀".repeat(100);
        String shown =
                new AnswerPlaces("{\"%s\": \"%s\", \"z\": 1}".formatted(emoji, "x".repeat(500)))
                        .marked("/" + emoji)
                        .orElseThrow();

        assertThat(shown).contains("xx…xx").hasSizeLessThan(200);
        assertThat(new String(shown.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .isEqualTo(shown);
    }
}
