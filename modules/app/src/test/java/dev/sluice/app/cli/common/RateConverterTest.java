package dev.sluice.app.cli.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class RateConverterTest {
    private final RateConverter converter = new RateConverter();

    @ParameterizedTest
    @CsvSource({"50/s, 50", "0.5/s, 0.5", "120/m, 2", "1800/h, 0.5"})
    void ratesAreASecond(String text, double perSecond) {
        assertThat(converter.convert(text)).isEqualTo(perSecond);
    }

    @ParameterizedTest
    @ValueSource(strings = {"50", "fast", "0/s", "-1/s", "5/d", ""})
    void anythingElseIsRejectedWithTheForms(String text) {
        assertThatThrownBy(() -> converter.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("is not a rate; write 50/s");
    }
}
