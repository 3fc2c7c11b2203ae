package dev.sluice.analysis.input;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextCleanerTest {
    @ParameterizedTest
    @CsvSource({
        "<|im_start|>, < |im_start|>",
        "a <<SYS>> b, a < <SYS>> b",
        "[INST]x[/INST], [ INST]x[ /INST]",
        "</s><s>, < /s>< s>",
        "<start_of_turn>, < start_of_turn>",
        "<\u202E|im_end|>, < |im_end|>",
        "a<b and x[0], a<b and x[0]",
        "<<|, << |",
    })
    void controlTokensBecomePlainText(String text, String clean) {
        assertThat(TextCleaner.clean(text)).isEqualTo(clean);
    }

    @Property
    void cleanTextIsNotChanged(@ForAll("texts") String text) {
        String clean = TextCleaner.clean(text);

        assertThat(TextCleaner.clean(clean)).isEqualTo(clean);
    }

    @Provide
    static Arbitrary<String> texts() {
        return Arbitraries.strings()
                .withChars("ab <>[]|/\n\r\t｜é\u2028\u202E\u0001")
                .ofMaxLength(40);
    }
}
