package dev.sluice.analysis.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceFileTest {
    private static final LocalDate DAY = LocalDate.of(2026, 11, 23);

    @Test
    void whatIsWrittenReadsTheSame() {
        PriceTable shipped = PriceTable.shipped();

        PriceTable again = PriceFile.parse(PriceFile.format(shipped));

        assertThat(again.rows()).isEqualTo(shipped.rows()).hasSizeGreaterThan(60);
    }

    @Test
    void quotesInSourcesAreKept() {
        PriceTable table =
                PriceFile.parse(
                        """
                        sources: {s: 'says "so" \\ here'}
                        prices:
                          - {model: m, from: 2026-01-01, input: 1, output: 2, source: s}
                        """);

        assertThat(PriceFile.parse(PriceFile.format(table)).rows().getFirst().source())
                .isEqualTo("says \"so\" \\ here");
        assertThat(PriceFile.format(table)).doesNotContain("provider");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "input: 1, output: 2, source: s, x: 1 | unknown key x",
                "input: -0.1, output: 2, source: s | input must be a price",
                "input: one, output: 2, source: s | input must be a price",
                "input: 1, source: s | output must be a price",
                "input: 1, output: 2 | source is missing",
                "input: 0.0000000001, output: 2, source: s | more than 9 decimals",
                "input: 1, output: 2, source: s, long_context_input: 3 | long_context_from is missing",
                "input: 1, output: 2, source: s, long_context_from: 0, long_context_input: 3,"
                        + " long_context_output: 3 | must be a number of tokens",
                "input: 1, output: 2, source: s, long_context_from: 10, long_context_input: 3 |"
                        + " long_context_output must be a price",
            })
    void wrongRowsAreNamed(String row, String message) {
        assertThatThrownBy(() -> PriceFile.parse(table("model: m, from: 2026-01-01, " + row)))
                .hasMessageContaining("prices[1]: ")
                .hasMessageContaining(message);
    }

    @Test
    void limitsOfWhatARowMaySayAreAllowed() {
        PriceTable table =
                PriceFile.parse(
                        table(
                                "model: m, from: 2026-01-01, input: 0, output: 0.000000001,"
                                        + " source: s, long_context_from: 1,"
                                        + " long_context_input: 0, long_context_output: 0"));

        ModelPrice price = table.find("m", DAY).orElseThrow();
        assertThat(price.input()).isZero();
        assertThat(price.output()).isEqualByComparingTo("0.000000001");
        assertThat(price.longContext().orElseThrow().above()).isEqualTo(1);
    }

    @Test
    void twoPricesOfAModelFromTheSameDayAreAMistake() {
        String row = "model: m, from: 2026-01-01, input: 1, output: 2, source: s";
        assertThatThrownBy(() -> PriceFile.parse(table(row) + "  - {" + row + "}\n"))
                .hasMessage("prices[2]: there is another price of m from 2026-01-01");
    }

    @Test
    void whatIsNoTableIsToldSo() {
        assertThatThrownBy(() -> PriceFile.parse("a: b: c")).hasMessageContaining("is no YAML");
        assertThatThrownBy(() -> PriceFile.parse("prices: 3"))
                .hasMessageContaining("no list named prices");
    }

    @Test
    void communityPricesBecomePricesPerMillion() {
        CommunityPrices.Imported imported =
                read(
                        """
                        {"a": {"litellm_provider": "openai", "mode": "chat",
                           "input_cost_per_token": 4e-07, "output_cost_per_token": 1.6e-06,
                           "cache_read_input_token_cost": 1e-07,
                           "cache_creation_input_token_cost": 5e-07,
                           "input_cost_per_token_above_200k_tokens": 8e-07}}
                        """);

        PriceTable.Row row = imported.table().rows().getFirst();
        assertThat(row.provider()).isEqualTo("openai");
        assertThat(row.source()).isEqualTo("file");
        ModelPrice price = row.price();
        assertThat(price.input()).isEqualByComparingTo("0.4");
        assertThat(price.output()).isEqualByComparingTo("1.6");
        assertThat(price.cachedInput()).isEqualByComparingTo("0.1");
        assertThat(price.cacheWrite()).isEqualByComparingTo("0.5");
        assertThat(price.effectiveFrom()).isEqualTo(DAY);
        ModelPrice.LongContext tier = price.longContext().orElseThrow();
        assertThat(tier.above()).isEqualTo(200_000);
        assertThat(tier.input()).isEqualByComparingTo("0.8");
        assertThat(tier.output()).isEqualByComparingTo("1.6");
        assertThat(imported.skipped()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'mode': 'chat', 'output_cost_per_token': 1 | has no input_cost_per_token",
                "'mode': 'chat', 'input_cost_per_token': 1 | has no output_cost_per_token",
                "'mode': 'chat', 'input_cost_per_token': null | has no input_cost_per_token",
                "'mode': 'chat', 'input_cost_per_token': -1 | input_cost_per_token is no price",
                "'mode': 'chat', 'input_cost_per_token': 'x' | input_cost_per_token is no price",
                "'mode': 'chat', 'input_cost_per_token': 1e-16 | too many decimals",
                "'mode': 'chat', 'input_cost_per_request': 1 | is charged by input_cost_per_request",
                "'mode': 'chat', 'input_cost_per_token': 1, 'output_cost_per_token': 1,"
                        + " 'input_cost_per_token_above_128k_tokens': 2,"
                        + " 'output_cost_per_token_above_256k_tokens': 2 | more than one price",
                "'mode': 'embedding', 'input_cost_per_token': 1 | its mode is 'embedding'",
            },
            quoteCharacter = '§')
    void communityRowsThatCannotBeUsedAreNamed(String row, String reason) {
        CommunityPrices.Imported imported =
                read("{'m': {'litellm_provider': 'openai', %s}}".formatted(row).replace('\'', '"'));

        assertThat(imported.table().rows()).isEmpty();
        assertThat(imported.skipped())
                .singleElement()
                .asString()
                .startsWith("m: ")
                .contains(reason);
    }

    @Test
    void communityRowsOfOthersAreNotEvenNamed() {
        String json = "{'m': {'litellm_provider': 'other', 'mode': 'chat'}}".replace('\'', '"');

        assertThat(read(json).skipped()).isEmpty();
        assertThat(read(json).table().rows()).isEmpty();
    }

    @Test
    void freeModelsAndTheSmallestPricesAreImported() {
        String json =
                ("{'m': {'litellm_provider': 'openai', 'mode': 'chat',"
                                + " 'input_cost_per_token': 0, 'output_cost_per_token': 1e-15}}")
                        .replace('\'', '"');

        assertThat(read(json).table().rows().getFirst().price().output())
                .isEqualByComparingTo("0.000000001");
    }

    @Test
    void whatIsNoCommunityFileIsToldSo() {
        assertThatThrownBy(() -> read("[]")).hasMessageContaining("no JSON object of models");
        assertThatThrownBy(() -> read("{")).hasMessageContaining("no JSON: ");
    }

    private static CommunityPrices.Imported read(String json) {
        return CommunityPrices.read(json, Set.of("openai"), DAY, "file");
    }

    private static String table(String row) {
        return "prices:\n  - {" + row + "}\n";
    }
}
