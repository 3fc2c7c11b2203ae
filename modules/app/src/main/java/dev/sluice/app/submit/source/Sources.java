package dev.sluice.app.submit.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Finds the files of a submission, and how each is read. */
public final class Sources implements AutoCloseable {
    /** The name for the standard input. */
    public static final String STDIN = "-";

    private final Reading reading;
    private final List<ItemSource> files = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final List<Path> temporary = new ArrayList<>();

    /** What a file has. */
    public enum Format {
        /** The whole file is one item. */
        FILE,
        /** One JSON object a line. */
        JSONL,
        /** Rows with a header. */
        CSV
    }

    /**
     * How files are read.
     *
     * @param format empty to tell it from each file's name
     * @param charset of CSV files
     * @param delimiter of CSV files; empty to guess it
     */
    public record Reading(
            Optional<Format> format,
            Columns columns,
            Charset charset,
            Optional<Character> delimiter) {}

    private Sources(Reading reading) {
        this.reading = reading;
    }

    /**
     * Opens the sources.
     *
     * @param names files, folders, or {@code -} for the standard input
     * @param in the standard input; it is copied to a temporary file, because sources are read
     *     twice
     * @throws InvalidSourceException if one does not exist, or there is nothing in it
     */
    public static Sources open(List<String> names, InputStream in, Reading reading)
            throws IOException, InterruptedException {
        Sources sources = new Sources(reading);
        try {
            for (String name : names) {
                if (name.equals(STDIN)) {
                    Path copy = Files.createTempFile("sluice-submit-", ".txt");
                    sources.temporary.add(copy);
                    copy.toFile().deleteOnExit();
                    Files.write(copy, in.readAllBytes());
                    sources.add(copy, STDIN);
                } else {
                    sources.add(Path.of(name));
                }
            }
            return sources;
        } catch (IOException | RuntimeException e) {
            sources.close();
            throw e;
        }
    }

    private void add(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            addFolder(path);
        } else if (!Files.exists(path)) {
            throw new InvalidSourceException("there is no file or folder " + path);
        } else {
            add(path, String.valueOf(path.getFileName()));
        }
    }

    /** All files of a folder and its subfolders, without hidden ones. */
    private void addFolder(Path folder) throws IOException {
        Path real = folder.toRealPath();
        List<Path> found;
        try (Stream<Path> paths = Files.walk(real)) {
            found =
                    paths.filter(Files::isRegularFile)
                            .filter(file -> !isHidden(real.relativize(file)))
                            .sorted()
                            .toList();
        }
        if (found.isEmpty()) {
            throw new InvalidSourceException("there are no files in " + folder);
        }
        for (Path file : found) {
            add(file, real.relativize(file).toString());
        }
    }

    private static boolean isHidden(Path relative) {
        for (Path part : relative) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }

    private void add(Path file, String shortName) {
        if (!Files.isReadable(file)) {
            throw new InvalidSourceException(file + " cannot be read; check its permissions");
        }
        String name = shortName;
        for (int i = 2; !names.add(name); i++) {
            name = i == 2 ? file.toString() : file + "#" + i;
        }
        files.add(opened(file, name));
    }

    private ItemSource opened(Path file, String name) {
        return switch (reading.format().orElseGet(() -> format(name))) {
            case FILE -> new WholeFile(file, name);
            case JSONL -> new JsonLinesFile(file, name, reading.columns());
            case CSV ->
                    new CsvFile(
                            file,
                            name,
                            reading.columns(),
                            reading.charset(),
                            name.toLowerCase(Locale.ROOT).endsWith(".tsv")
                                    ? Optional.of(reading.delimiter().orElse('\t'))
                                    : reading.delimiter());
        };
    }

    private static Format format(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".jsonl") || lower.endsWith(".ndjson")) {
            return Format.JSONL;
        }
        return lower.endsWith(".csv") || lower.endsWith(".tsv") ? Format.CSV : Format.FILE;
    }

    /**
     * Requires that a place for outcomes is in no folder of the sources: they would be items of the
     * next submission.
     */
    public static void requireOutside(Path out, List<String> sources) throws IOException {
        Path place = out.toAbsolutePath().normalize();
        for (String source : sources) {
            Path folder = Path.of(source);
            if (!source.equals(STDIN)
                    && Files.isDirectory(folder)
                    && place.startsWith(folder.toAbsolutePath().normalize())) {
                throw new InvalidSourceException(
                        "--out "
                                + out
                                + " is in the source "
                                + folder
                                + ": the next submission would take the outcomes for items");
            }
        }
    }

    /** What was guessed about the files, in words. */
    public List<String> explanations() throws IOException {
        List<String> words = new ArrayList<>();
        for (ItemSource file : files) {
            file.explanation().ifPresent(words::add);
        }
        return words;
    }

    /** Reads all items, in the order of the sources. */
    public void read(ItemSource.Receiver receiver) throws IOException, InterruptedException {
        for (ItemSource file : files) {
            file.read(receiver);
        }
    }

    /** Deletes the copy of the standard input. */
    @Override
    public void close() throws IOException {
        for (Path copy : temporary) {
            Files.deleteIfExists(copy);
        }
    }
}
