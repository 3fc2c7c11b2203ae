package dev.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.price.PriceFile;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.cli.common.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PricesCommandTest {
    @TempDir private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void importedPricesCanBeUsedAsPricesFile() throws IOException {
        Path community = folder.resolve("community.json");
        Files.writeString(
                community,
                """
                {"sample_spec": {"litellm_provider": "openai", "mode": "one of many"},
                 "gpt-9": {"litellm_provider": "openai", "mode": "chat",
                   "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05,
                   "cache_read_input_token_cost": 1.25e-07,
                   "input_cost_per_token_above_272k_tokens": 2.5e-06,
                   "output_cost_per_token_above_272k_tokens": 1.5e-05},
                 "painter": {"litellm_provider": "openai", "mode": "image_generation"},
                 "elsewhere": {"litellm_provider": "bedrock", "mode": "chat",
                   "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06}}
                """);
        Path own = folder.resolve("prices.yaml");

        int code =
                run(
                        "prices",
                        "import",
                        community.toString(),
                        "--from",
                        "2026-11-01",
                        "--out",
                        own.toString());

        assertThat(code).as(err.toString()).isZero();
        assertThat(err.toString())
                .contains("left out painter: its mode is 'image_generation'")
                .contains("left out sample_spec: its mode is 'one of many'")
                .contains("1 prices imported, 2 left out, 1 of other providers {bedrock=1}");
        PriceTable table = PriceFile.parse(Files.readString(own));
        assertThat(table.rows()).hasSize(1);
        assertThat(table.rows().getFirst().source()).startsWith("community.json, imported ");
        ModelPrice price = table.find("gpt-9", LocalDate.of(2026, 11, 1)).orElseThrow();
        assertThat(price.input()).isEqualByComparingTo("1.25");
        assertThat(price.cachedInput()).isEqualByComparingTo("0.125");
        assertThat(price.output()).isEqualByComparingTo("10");
        assertThat(price.longContext().orElseThrow().above()).isEqualTo(272_000);

        Path config = folder.resolve("sluice.yaml");
        Files.writeString(config, "prices:\n  file: " + own + "\n");
        assertThat(run("prices", "list", "-c", config.toString())).isZero();
        assertThat(out.toString()).contains("gpt-9").contains("gpt-4.1-mini").contains("days ago");
    }

    @Test
    void fileThatIsNotAPriceFileIsReported() throws IOException {
        Path wrong = folder.resolve("wrong.json");
        Files.writeString(wrong, "[]");

        assertThat(run("prices", "import", wrong.toString())).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("wrong.json").contains("not a JSON object of models");
        assertThat(run("prices", "import", "nowhere.json")).isEqualTo(ExitCode.MISUSED);
        assertThat(err.toString()).contains("there is no file nowhere.json");
    }

    @Test
    void sourceIsListedOnceForAllOfItsPrices() {
        assertThat(run("prices", "list")).isZero();

        String source = PriceTable.shipped().rows().getFirst().source();
        assertThat(out.toString()).containsOnlyOnce(source).contains("[1] " + source);
    }

    private int run(String... arguments) {
        CommandLine commandLine = SluiceCommand.commandLine(Optional.empty());
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }
}
