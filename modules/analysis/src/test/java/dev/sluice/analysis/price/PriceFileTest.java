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
    void writtenTableReadsTheSame() {
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
                "input: 1, output: 2, source: s, long_context_input: 3 | long_context_from is"
                        + " missing",
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
    void extremeValidValuesOfARowAreAccepted() {
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
    void twoPricesOfAModelFromTheSameDayAreRejected() {
        String row = "model: m, from: 2026-01-01, input: 1, output: 2, source: s";
        assertThatThrownBy(() -> PriceFile.parse(table(row) + "  - {" + row + "}\n"))
                .hasMessage("prices[2]: there is another price of m from 2026-01-01");
    }

    @Test
    void invalidTableIsReported() {
        assertThatThrownBy(() -> PriceFile.parse("a: b: c"))
                .hasMessageContaining("is not valid YAML");
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
                "'mode': 'chat', 'input_cost_per_token': -1 | input_cost_per_token is not a valid price",
                "'mode': 'chat', 'input_cost_per_token': 'x' | input_cost_per_token is not a valid price",
                "'mode': 'chat', 'input_cost_per_token': 1e-16 | too many decimals",
                "'mode': 'chat', 'input_cost_per_request': 1 | is charged by"
                        + " input_cost_per_request",
                "'mode': 'chat', 'input_cost_per_token': 1, 'output_cost_per_token': 1,"
                        + " 'input_cost_per_token_above_128k_tokens': 2,"
                        + " 'output_cost_per_token_above_256k_tokens': 2 | more than one price",
                "'mode': 'embedding', 'input_cost_per_token': 1 | its mode is 'embedding'",
            },
            quoteCharacter = '§')
    void unusableCommunityRowsAreNamed(String row, String reason) {
        CommunityPrices.Imported imported =
                read("{'m': {'litellm_provider': 'openai', %s}}".formatted(row).replace('\'', '"'));

        assertThat(imported.table().rows()).isEmpty();
        assertThat(imported.skipped())
                .singleElement()
                .asString()
                .startsWith("m: ")
                .contains(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'tiered_pricing': [{'input_cost_per_token': 5e-08, 'range': [0, 256000]}]"
                        + " | is charged by tiered_pricing too",
                "'input_cost_per_token_above_8s_interval': 1e-06"
                        + " | is charged by input_cost_per_token_above_8s_interval too",
                "'output_cost_per_token_above_noon': 1e-06"
                        + " | is charged by output_cost_per_token_above_noon too",
                "'citation_cost_per_token': 1e-06 | is charged by citation_cost_per_token too",
                "'pricing_2': 'new' | is charged by pricing_2 too",
                "'output_cost_per_reasoning_token': 3e-06"
                        + " | is charged by output_cost_per_reasoning_token too",
                "'cache_creation_input_token_cost_above_1hr': 3e-06"
                        + " | is charged 3 by cache_creation_input_token_cost_above_1hr,"
                        + " where 2 would be booked",
                "'input_cost_per_token_above_200k_tokens': 2e-06,"
                        + " 'cache_read_input_token_cost_above_200k_tokens': 5e-06"
                        + " | where 2 would be booked",
            },
            quoteCharacter = '§')
    void communityRowsWithOtherChargesAreSkipped(String charge, String reason) {
        CommunityPrices.Imported imported = read(model(charge));

        assertThat(imported.table().rows()).isEmpty();
        assertThat(imported.skipped()).singleElement().asString().endsWith(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'input_cost_per_token_priority': 9e-06",
                "'input_cost_per_token_above_272k_tokens_flex': 9e-06",
                "'input_cost_per_audio_token': 9e-06",
                "'search_context_cost_per_query': {'search_context_size_low': 0.01}",
                "'output_cost_per_reasoning_token': 2e-06",
                "'input_cost_per_request': 0",
                "'cache_creation_input_token_cost_above_1hr': 2e-06",
            },
            quoteCharacter = '§')
    void chargesThatDoNotApplyToStandardTextCallsAreIgnored(String charge) {
        assertThat(read(model(charge)).table().rows()).hasSize(1);
    }

    @Test
    void cacheWritesOfLongContextsKeepTheirRatioToInput() {
        CommunityPrices.Imported imported =
                read(
                        model(
                                "'cache_creation_input_token_cost': 1.25e-06,"
                                        + " 'input_cost_per_token_above_200k_tokens': 2e-06,"
                                        + " 'cache_creation_input_token_cost_above_200k_tokens':"
                                        + " 2.5e-06,"
                                        + " 'cache_creation_input_token_cost_above_1hr_above_200k_tokens':"
                                        + " 4e-06"));

        ModelPrice price = imported.table().rows().getFirst().price();
        assertThat(price.cost(new TokenUsage(1_000_000, 0, 1_000_000, 0, 0)).usd())
                .isEqualByComparingTo("2.5");
        assertThat(price.worstCost(1_000_000, 0).usd()).isEqualByComparingTo("2.5");
    }

    @ParameterizedTest
    @CsvSource({
        "2.9999999999999997e-07, 0.3",
        "2.9999900000000002e-06, 2.99999",
        "1.5000020000000002e-05, 15.00002",
        "3.3333333333333335e-07, 0.333333334",
        "1.2345678901e-06, 1.234567891"
    })
    void floatingPointErrorsOfAPriceAreRemoved(String perToken, String perMillion) {
        String json = model("'cache_read_input_token_cost': " + perToken);

        assertThat(read(json).table().rows().getFirst().price().cachedInput())
                .isEqualByComparingTo(perMillion);
    }

    @Test
    void implausiblePriceIsAWarning() {
        CommunityPrices.Imported imported = read(model("'cache_creation_input_token_cost': 0.071"));

        assertThat(imported.table().rows()).hasSize(1);
        assertThat(imported.warnings())
                .singleElement()
                .asString()
                .startsWith("m: 71000 USD per million tokens");
    }

    @Test
    void everyEntryIsImportedSkippedOrOfAnotherProvider() {
        CommunityPrices.Imported imported =
                read(
                        """
                        {"taken": {"litellm_provider": "openai", "mode": "chat",
                           "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6},
                         "painter": {"litellm_provider": "openai", "mode": "image_generation"},
                         "nobody's": {"mode": "chat"}, "no object": 7,
                         "a": {"litellm_provider": "other"}, "b": {"litellm_provider": "other"}}
                        """);

        assertThat(imported.table().rows()).hasSize(1);
        assertThat(imported.skipped())
                .containsExactly(
                        "painter: its mode is 'image_generation'",
                        "nobody's: has no litellm_provider",
                        "no object: has no litellm_provider");
        assertThat(imported.others()).containsExactly(java.util.Map.entry("other", 2));
    }

    @Test
    void byteOrderMarkIsIgnored() {
        assertThat(read("\uFEFF" + model("'x': 1")).table().rows()).hasSize(1);
        String table = "model: m, from: 2026-01-01, input: 1, output: 2, source: s";
        assertThat(PriceFile.parse("\uFEFF" + table(table)).rows()).hasSize(1);
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
    void invalidCommunityFileIsReported() {
        assertThatThrownBy(() -> read("[]")).hasMessageContaining("not a JSON object of models");
        assertThatThrownBy(() -> read("{")).hasMessageContaining("not valid JSON: ");
    }

    private static CommunityPrices.Imported read(String json) {
        return CommunityPrices.read(json, Set.of("openai"), DAY, "file");
    }

    /** A model at 1 USD per million tokens of input and 2 of output. */
    private static String model(String further) {
        return ("{'m': {'litellm_provider': 'openai', 'mode': 'chat',"
                        + " 'input_cost_per_token': 1e-06, 'output_cost_per_token': 2e-06, "
                        + further
                        + "}}")
                .replace('\'', '"');
    }

    private static String table(String row) {
        return "prices:\n  - {" + row + "}\n";
    }
}
