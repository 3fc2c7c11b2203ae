package dev.sluice.app.cli.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class TimeConverterTest {
    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

    private final TimeConverter converter = new TimeConverter(() -> NOW);

    @ParameterizedTest
    @CsvSource({
        "30m, 2026-11-30T11:30:00Z",
        "24h, 2026-11-29T12:00:00Z",
        "7d, 2026-11-23T12:00:00Z",
        "2026-11-01, 2026-11-01T00:00:00Z",
        "2026-11-30T06:30:00Z, 2026-11-30T06:30:00Z",
    })
    void timesAreAgoOrADayOrAnInstant(String text, String instant) {
        assertThat(converter.convert(text)).isEqualTo(Instant.parse(instant));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "yesterday", "7", "2026-13-01", "2026-11-30 06:30", "-1h", "1y"})
    void anythingElseIsRejectedWithTheForms(String text) {
        assertThatThrownBy(() -> converter.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("'" + text + "' is not a time; write how long ago");
    }

    @Test
    void systemClockIsUsed() {
        assertThat(new TimeConverter().convert("1h")).isBefore(Instant.now());
    }
}
