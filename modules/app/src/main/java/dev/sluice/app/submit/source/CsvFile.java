package dev.sluice.app.submit.source;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;

/**
 * A CSV file with a header; each row is an item.
 *
 * @param name the items' source
 * @param columns the columns as they were asked for
 * @param delimiter empty to guess it from the header
 */
record CsvFile(
        Path file, String name, Columns columns, Charset charset, Optional<Character> delimiter)
        implements ItemSource {
    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final List<Character> DELIMITERS = List.of(',', ';', '\t');

    @Override
    public Optional<String> explanation() throws IOException {
        try (CSVParser rows = open()) {
            return Optional.of(columns.ofCsv(name, rows.getHeaderNames()).words(name));
        }
    }

    @Override
    public void read(Receiver receiver) throws IOException, InterruptedException {
        try (CSVParser rows = open()) {
            Columns used = columns.ofCsv(name, rows.getHeaderNames());
            int width = rows.getHeaderNames().size();
            for (CSVRecord row : rows) {
                OptionalLong number = OptionalLong.of(row.getRecordNumber());
                if (row.size() == width) {
                    receiver.item(item(row, number, used));
                } else {
                    receiver.problem(
                            Item.label(name, number),
                            "the row has "
                                    + row.size()
                                    + " columns, the header has "
                                    + width
                                    + "; text with a delimiter or a line break needs quotes");
                }
            }
        } catch (UncheckedIOException e) {
            // The parser's iterator wraps what it throws.
            throw invalid(Optional.<Exception>ofNullable(e.getCause()).orElse(e));
        } catch (CharacterCodingException | CSVException e) {
            throw invalid(e);
        }
    }

    private Item item(CSVRecord row, OptionalLong number, Columns used) {
        Map<String, String> attributes = new HashMap<>();
        used.attributes().forEach(column -> attributes.put(column, row.get(column)));
        return new Item(
                name,
                number,
                used.id().map(row::get).filter(text -> !text.isBlank()),
                used.userId().map(row::get).filter(text -> !text.isBlank()),
                used.content().map(row::get).orElse(""),
                attributes);
    }

    private CSVParser open() throws IOException {
        BufferedReader reader = reader();
        try {
            reader.mark(1);
            if (reader.read() != BYTE_ORDER_MARK) {
                reader.reset();
            }
            return CSVFormat.RFC4180
                    .builder()
                    .setDelimiter(delimiter.isPresent() ? delimiter.get() : guessed())
                    .setHeader()
                    .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW)
                    .setSkipHeaderRecord(true)
                    .setIgnoreEmptyLines(true)
                    .get()
                    .parse(reader);
        } catch (CharacterCodingException | CSVException e) {
            reader.close();
            throw invalid(e);
        } catch (IllegalArgumentException e) {
            reader.close();
            throw new InvalidSourceException(name + ": the header: " + e.getMessage());
        }
    }

    /** The delimiter that is most frequent in the first line. */
    private char guessed() throws IOException {
        try (BufferedReader reader = reader()) {
            String header = Optional.ofNullable(reader.readLine()).orElse("");
            char best = DELIMITERS.getFirst();
            for (char candidate : DELIMITERS) {
                if (count(header, candidate) > count(header, best)) {
                    best = candidate;
                }
            }
            return best;
        }
    }

    private static long count(String text, char wanted) {
        return text.chars().filter(c -> c == wanted).count();
    }

    /** Reports malformed bytes, instead of replacing them. */
    private BufferedReader reader() throws IOException {
        Reader strict =
                new java.io.InputStreamReader(
                        Files.newInputStream(file),
                        charset.newDecoder()
                                .onMalformedInput(CodingErrorAction.REPORT)
                                .onUnmappableCharacter(CodingErrorAction.REPORT));
        return new BufferedReader(strict);
    }

    private InvalidSourceException invalid(Exception failure) {
        return new InvalidSourceException(
                failure instanceof CharacterCodingException
                        ? "%s is not valid %s; name its encoding with --encoding, such as %s"
                                .formatted(
                                        name,
                                        charset,
                                        charset.equals(StandardCharsets.UTF_8)
                                                ? "windows-1252"
                                                : "UTF-8")
                        : name
                                + " cannot be read as CSV: "
                                + String.valueOf(failure.getMessage())
                                        .replace(
                                                "EOF reached before encapsulated token finished",
                                                "a quote that is opened is never closed")
                                        .replace("(startline", "(line"));
    }
}
