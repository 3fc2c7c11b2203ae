package dev.sluice.analysis.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class WholeNumberTest {
    @ParameterizedTest
    @CsvSource({
        "5, 5",
        "-5.0, -5",
        "5e3, 5000",
        "9223372036854775807, 9223372036854775807",
        "9.223372036854775807e18, 9223372036854775807",
        "-9.223372036854775809e18, -9223372036854775808",
    })
    void isTheIntegerOrTheNearestOneOfSixtyFourBits(String json, long number) {
        assertThat(WholeNumber.of(JsonMapper.shared().readTree(json))).isEqualTo(number);
    }
}
