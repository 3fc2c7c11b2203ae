package dev.sluice.analysis.recording;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder of recorded exchanges: a file for each request, named by its key, with the answers in
 * the order in which they came. Not for use by several threads.
 */
public final class Recordings {
    private static final String ENDING = ".json";

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                    .build();

    private final Path folder;
    private final Map<String, List<Exchange>> byKey;

    private Recordings(Path folder, Map<String, List<Exchange>> byKey) {
        this.folder = folder;
        this.byKey = byKey;
    }

    /**
     * Opens a folder, which need not exist.
     *
     * @throws IOException if it cannot be read, or has a file that is no recording
     */
    public static Recordings open(Path folder) throws IOException {
        Map<String, List<Exchange>> byKey = new TreeMap<>();
        if (Files.isDirectory(folder)) {
            List<Path> files;
            try (Stream<Path> found = Files.list(folder)) {
                files = found.filter(file -> file.toString().endsWith(ENDING)).sorted().toList();
            }
            for (Path file : files) {
                List<Exchange> exchanges = read(file);
                if (!exchanges.isEmpty()) {
                    byKey.put(exchanges.getFirst().key(), new ArrayList<>(exchanges));
                }
            }
        }
        return new Recordings(folder, byKey);
    }

    private static List<Exchange> read(Path file) throws IOException {
        try {
            return List.of(JSON.readValue(Files.readString(file), Exchange[].class));
        } catch (JacksonException e) {
            throw new IOException(file + " is no recording: " + e.getOriginalMessage(), e);
        }
    }

    /** Number of recorded exchanges. */
    public int size() {
        return byKey.values().stream().mapToInt(List::size).sum();
    }

    /** Deletes all recordings. */
    public void clear() throws IOException {
        for (String key : List.copyOf(byKey.keySet())) {
            Files.deleteIfExists(folder.resolve(key + ENDING));
            byKey.remove(key);
        }
    }

    /** The recordings of a request; empty if there are none. */
    List<Exchange> of(String key) {
        return List.copyOf(byKey.getOrDefault(key, List.of()));
    }

    /** A recording of each request. */
    List<Exchange> requests() {
        return byKey.values().stream().map(List::getFirst).toList();
    }

    /** Adds an exchange; returns when its file is written. */
    void add(Exchange exchange) throws IOException {
        List<Exchange> all = new ArrayList<>(of(exchange.key()));
        all.add(exchange);
        Files.createDirectories(folder);
        Path file = folder.resolve(exchange.key() + ENDING);
        Path written = folder.resolve(exchange.key() + ".new");
        Files.writeString(written, JSON.writeValueAsString(all) + "\n");
        var _ =
                Files.move(
                        written,
                        file,
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.ATOMIC_MOVE);
        byKey.put(exchange.key(), all);
    }

    /** When the newest exchange was recorded; empty if there is none. */
    public Optional<Instant> newest() {
        return byKey.values().stream()
                .flatMap(List::stream)
                .map(Exchange::recordedAt)
                .max(Comparator.naturalOrder());
    }
}
