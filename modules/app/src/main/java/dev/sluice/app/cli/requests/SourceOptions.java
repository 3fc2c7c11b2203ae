package dev.sluice.app.cli.requests;

import dev.sluice.app.cli.common.CharsetConverter;
import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.submit.source.Columns;
import dev.sluice.app.submit.source.Sources;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how sources are read. */
final class SourceOptions {
    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "FILE (the whole file is one request), CSV (with a header) or JSONL (one object"
                            + " a line). Default: as the file's name says; FILE for standard input.")
    private Sources.@Nullable Format format;

    @Option(
            names = "--content-column",
            paramLabel = "NAME",
            description =
                    "The column, or JSON field, with the content. Default: content, text, body or"
                            + " html; in a CSV with one column, that one.")
    private @Nullable String content;

    @Option(
            names = "--id-column",
            paramLabel = "NAME",
            description = "The one with the requestId. Default: id or requestId, if there is one.")
    private @Nullable String id;

    @Option(
            names = "--user-column",
            paramLabel = "NAME",
            description =
                    "The one with the user who pays. Default: user or userId, if there is one.")
    private @Nullable String user;

    @Option(
            names = "--attribute-columns",
            paramLabel = "NAME",
            split = ",",
            description = "Those that become attributes, under their own names.")
    private List<String> attributes = List.of();

    @Option(
            names = "--encoding",
            paramLabel = "NAME",
            defaultValue = "UTF-8",
            converter = CharsetConverter.class,
            description = "The encoding of CSV files. Default: ${DEFAULT-VALUE}.")
    private Charset encoding = java.nio.charset.StandardCharsets.UTF_8;

    @Option(
            names = "--delimiter",
            paramLabel = "C",
            description =
                    "What separates columns. Default: comma, semicolon or tab, as in the header.")
    private @Nullable String delimiter;

    Sources.Reading reading() {
        if (delimiter != null && delimiter.length() != 1) {
            throw new CommandFailedException("--delimiter must be one character, such as ';'");
        }
        return new Sources.Reading(
                Optional.ofNullable(format),
                new Columns(
                        Optional.ofNullable(content),
                        Optional.ofNullable(id),
                        Optional.ofNullable(user),
                        Set.copyOf(attributes)),
                encoding,
                Optional.ofNullable(delimiter).map(text -> text.charAt(0)));
    }
}
