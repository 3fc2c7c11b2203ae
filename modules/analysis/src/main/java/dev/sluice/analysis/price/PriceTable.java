package dev.sluice.analysis.price;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Table of dated model prices. A price holds from its date until a later price of the same model.
 */
public final class PriceTable {
    private final List<Row> rows;

    /**
     * One price and its source.
     *
     * @param provider provider of the model; empty if not given
     * @param source where the price was read, and when
     */
    public record Row(ModelPrice price, String provider, String source) {}

    public PriceTable(List<Row> rows) {
        this.rows =
                rows.stream()
                        .sorted(
                                Comparator.comparing((Row row) -> row.price().modelId())
                                        .thenComparing(
                                                row -> row.price().effectiveFrom(),
                                                Comparator.reverseOrder()))
                        .toList();
    }

    /** The table that ships with Sluice, {@code prices.yaml}. */
    public static PriceTable shipped() {
        try (InputStream in = PriceTable.class.getResourceAsStream("/prices.yaml")) {
            if (in == null) {
                throw new IllegalStateException("prices.yaml is missing from the class path");
            }
            return PriceFile.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the shipped prices.yaml", e);
        }
    }

    /**
     * This table with the given prices added. The rows of a model in {@code own} replace all its
     * rows here.
     */
    public PriceTable with(PriceTable own) {
        Set<String> priced =
                own.rows.stream().map(row -> row.price().modelId()).collect(Collectors.toSet());
        return new PriceTable(
                Stream.concat(
                                own.rows.stream(),
                                rows.stream()
                                        .filter(row -> !priced.contains(row.price().modelId())))
                        .toList());
    }

    /** The price in force on a day; empty if the model has none, which does not mean free. */
    public Optional<ModelPrice> find(String modelId, LocalDate day) {
        return rows.stream()
                .map(Row::price)
                .filter(price -> price.modelId().equals(modelId))
                .filter(price -> !price.effectiveFrom().isAfter(day))
                .findFirst();
    }

    /** The provider of a model, if the table names one. */
    public Optional<String> provider(String modelId) {
        return rows.stream()
                .filter(row -> row.price().modelId().equals(modelId))
                .map(Row::provider)
                .filter(provider -> !provider.isEmpty())
                .findFirst();
    }

    /** All rows by model, the latest of each first. */
    public List<Row> rows() {
        return rows;
    }

    /** Day of the latest price, which shows the age of the table; empty for an empty table. */
    public Optional<LocalDate> latest() {
        return rows.stream().map(row -> row.price().effectiveFrom()).max(Comparator.naturalOrder());
    }
}
