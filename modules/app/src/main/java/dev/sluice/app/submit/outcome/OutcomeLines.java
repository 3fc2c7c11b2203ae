package dev.sluice.app.submit.outcome;

import dev.sluice.app.client.OutcomeRecord;
import dev.sluice.app.client.RecordJson;
import dev.sluice.app.submit.Submission;
import dev.sluice.app.submit.source.InvalidSourceException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A file with a line for each request, in the order of the sources, whatever the order of the
 * outcomes. It has its name once it is complete.
 */
final class OutcomeLines implements OutcomeSink {
    private static final String OUTPUT = "output.";

    /** Reads amounts to their last digit. */
    private static final JsonMapper EXACT =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private static final List<String> COLUMNS =
            List.of(
                    "source",
                    "requestId",
                    "userId",
                    "outcome",
                    "reason",
                    "message",
                    "costUsd",
                    "unconfirmedUsd",
                    "model",
                    "paidBy");

    private final Path file;
    private final Path part;
    private final Format format;
    private final List<Submission.Planned> planned;
    private final LineSpool lines;

    /** Fields of outputs, in the order of their schema; they become columns. */
    private final Set<String> outputFields = new LinkedHashSet<>();

    /** How the file is written. */
    enum Format {
        JSON_LINES,
        CSV
    }

    OutcomeLines(Path file, List<Submission.Planned> planned, Format format) throws IOException {
        if (Files.exists(file)) {
            throw new InvalidSourceException("--out " + file + " exists already; name a new file");
        }
        this.file = file;
        this.part = file.resolveSibling(file.getFileName() + ".part");
        this.format = format;
        this.planned = List.copyOf(planned);
        try {
            this.lines = new LineSpool(part, planned.size());
        } catch (NoSuchFileException e) {
            throw new InvalidSourceException("--out " + file + ": there is no such folder");
        } catch (IOException e) {
            throw new InvalidSourceException("--out: cannot write " + part + ": " + e.getMessage());
        }
    }

    @Override
    public void add(int index, OutcomeRecord outcome) throws IOException {
        JsonNode record = RecordJson.of(outcome.value());
        record.path("output").propertyNames().forEach(outputFields::add);
        ObjectNode line = JsonMapper.shared().createObjectNode();
        line.put("source", planned.get(index).label());
        line.put("outcome", outcome.isResult() ? "RESULT" : "DEAD_LETTER");
        line.set("record", record);
        lines.put(index, RecordJson.line(line));
    }

    @Override
    public void complete() throws IOException {
        Path ordered = file.resolveSibling(file.getFileName() + ".ordered.part");
        try {
            try (BufferedWriter writer = Files.newBufferedWriter(ordered, StandardCharsets.UTF_8)) {
                switch (format) {
                    case JSON_LINES -> writeJson(writer);
                    case CSV -> writeCsv(writer);
                }
            }
            Files.move(ordered, file);
        } catch (FileAlreadyExistsException e) {
            throw new InvalidSourceException(
                    "--out " + file + " appeared meanwhile; the outcomes are in " + ordered);
        }
    }

    private void writeJson(BufferedWriter writer) throws IOException {
        for (int i = 0; i < planned.size(); i++) {
            Optional<String> line = lines.get(i);
            writer.write(line.isPresent() ? line.get() : RecordJson.line(pending(i)));
            writer.write('\n');
        }
    }

    private void writeCsv(BufferedWriter writer) throws IOException {
        List<String> header = new ArrayList<>(COLUMNS);
        outputFields.forEach(field -> header.add(OUTPUT + field));
        CSVPrinter printer = new CSVPrinter(writer, CSVFormat.RFC4180);
        printer.printRecord(header);
        for (int i = 0; i < planned.size(); i++) {
            JsonNode line =
                    lines.get(i).<JsonNode>map(text -> EXACT.readTree(text)).orElse(pending(i));
            List<String> row = new ArrayList<>();
            for (String column : COLUMNS) {
                row.add(
                        cell(
                                line.has(column)
                                        ? line.get(column)
                                        : line.path("record").get(column)));
            }
            for (String field : outputFields) {
                row.add(cell(line.path("record").path("output").get(field)));
            }
            printer.printRecord(row);
        }
        printer.flush();
    }

    /** A request without an outcome. */
    private ObjectNode pending(int index) {
        ObjectNode line = JsonMapper.shared().createObjectNode();
        line.put("source", planned.get(index).label());
        line.put("outcome", "PENDING");
        line.put("requestId", planned.get(index).identity().requestId());
        line.put("userId", planned.get(index).identity().userId());
        return line;
    }

    /** Text as it is, but not as a formula of a spreadsheet; other values as JSON. */
    private static String cell(@Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return "";
        }
        if (!value.isString()) {
            return value.isNumber() ? value.decimalValue().toPlainString() : value.toString();
        }
        String text = value.asString();
        return !text.isEmpty() && "=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20".indexOf(text.charAt(0)) >= 0
                ? "'" + text
                : text;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
