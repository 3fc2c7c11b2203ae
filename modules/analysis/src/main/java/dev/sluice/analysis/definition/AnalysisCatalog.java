package dev.sluice.analysis.definition;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The analyses of an installation, by name, and their canaries. */
public final class AnalysisCatalog {
    private final Map<String, AnalysisDefinition> byName;
    private final Map<String, Canary> canaries;

    private AnalysisCatalog(Map<String, AnalysisDefinition> byName, Map<String, Canary> canaries) {
        this.byName = Map.copyOf(byName);
        this.canaries = Map.copyOf(canaries);
    }

    /** These analyses with canaries, by the name of their analysis. */
    public AnalysisCatalog with(Map<String, Canary> canaries) {
        return new AnalysisCatalog(byName, canaries);
    }

    /**
     * The shipped analyses and those of a folder. An analysis of the folder replaces a shipped one
     * of the same name.
     *
     * @throws InvalidDefinitionsException with all problems of all definitions
     */
    public static AnalysisCatalog load(Optional<Path> folder) {
        return load(folder, _ -> true);
    }

    /**
     * Loads only some of the analyses; the others are not read.
     *
     * @param wanted whether to load the analysis of a name
     * @throws InvalidDefinitionsException with all problems of their definitions
     */
    public static AnalysisCatalog load(Optional<Path> folder, Predicate<String> wanted) {
        Map<String, AnalysisDefinition> definitions = new TreeMap<>();
        List<Problem> problems = new ArrayList<>();
        inShipped(shipped -> readFolder(shipped, wanted, definitions, problems));
        folder.ifPresent(path -> readFolder(path, wanted, definitions, problems));
        if (!problems.isEmpty()) {
            throw new InvalidDefinitionsException(problems);
        }
        return new AnalysisCatalog(definitions, Map.of());
    }

    /** Names of the shipped analyses and of those of a folder, including invalid ones. */
    public static Set<String> names(Optional<Path> folder) {
        Set<String> names = new TreeSet<>();
        Consumer<Path> collect =
                path -> entries(path).forEach(entry -> names.add(DefinitionReader.nameOf(entry)));
        inShipped(collect);
        folder.filter(Files::isDirectory).ifPresent(collect);
        return names;
    }

    /** The current version of an analysis. */
    public Optional<AnalysisDefinition> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** A version of an analysis by its fingerprint; the current one if that is not known. */
    public Optional<AnalysisDefinition> find(String name, String fingerprint) {
        return canary(name)
                .map(Canary::definition)
                .filter(definition -> definition.fingerprint().equals(fingerprint))
                .or(() -> find(name));
    }

    /** The canary of an analysis, if it has one. */
    public Optional<Canary> canary(String name) {
        return Optional.ofNullable(canaries.get(name));
    }

    /** The current versions of all analyses. */
    public Collection<AnalysisDefinition> all() {
        return new TreeMap<>(byName).values();
    }

    /** The current versions of all analyses, followed by the canaries. */
    public List<AnalysisDefinition> versions() {
        return Stream.concat(
                        all().stream(),
                        new TreeMap<>(canaries).values().stream().map(Canary::definition))
                .toList();
    }

    private static void inShipped(Consumer<Path> reader) {
        URL shipped = AnalysisCatalog.class.getResource("/analyses");
        if (shipped == null) {
            throw new IllegalStateException("the shipped analyses are missing from the class path");
        }
        try {
            URI location = shipped.toURI();
            if (!location.getScheme().equals("jar")) {
                reader.accept(Path.of(location));
                return;
            }
            // A separate file system, because the one for the address can only be open once.
            try (FileSystem jar = FileSystems.newFileSystem(jarOf(shipped))) {
                reader.accept(jar.getPath("/analyses"));
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException("an address of the class path is not a valid URI", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the shipped analyses", e);
        }
    }

    private static Path jarOf(URL inside) throws IOException, URISyntaxException {
        return Path.of(((JarURLConnection) inside.openConnection()).getJarFileURL().toURI());
    }

    private static void readFolder(
            Path folder,
            Predicate<String> wanted,
            Map<String, AnalysisDefinition> definitions,
            List<Problem> problems) {
        if (!Files.isDirectory(folder)) {
            problems.add(
                    new Problem(
                            folder.toAbsolutePath().toString(),
                            "",
                            "does not exist; name an existing folder of analyses"));
            return;
        }
        if (DefinitionReader.isDefinition(folder)) {
            problems.add(
                    new Problem(
                            folder.toString(),
                            "",
                            "is the folder of an analysis; name the folder that has it"));
            return;
        }
        for (Path entry : entries(folder)) {
            if (wanted.test(DefinitionReader.nameOf(entry))) {
                DefinitionReader reader = new DefinitionReader(entry);
                reader.read().ifPresent(found -> definitions.put(found.name(), found));
                problems.addAll(reader.problems());
            }
        }
    }

    /** Without hidden folders: Kubernetes keeps the versions of a mounted ConfigMap in some. */
    private static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory)
                    .filter(entry -> !DefinitionReader.nameOf(entry).startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the analyses in " + folder, e);
        }
    }
}
