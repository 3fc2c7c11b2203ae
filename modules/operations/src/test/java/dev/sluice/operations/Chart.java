package dev.sluice.operations;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The Helm chart, rendered by Helm itself. */
final class Chart {
    static final Path FOLDER = Path.of("../../helm/sluice").toAbsolutePath().normalize();

    private Chart() {}

    /**
     * Renders the release {@code sluice} in the namespace {@code llm}, its hooks included.
     *
     * @throws IllegalStateException with Helm's message, if the values are refused
     */
    static String render(Path values) {
        return new Helm(WithoutHooks.FOLDER)
                .template()
                .withName("sluice")
                .withNamespace("llm")
                .withKubeVersion("1.34.0")
                .withValuesFile(values)
                .call();
    }

    static List<Manifest> manifests(String rendered) {
        List<Manifest> manifests = new ArrayList<>();
        for (Object document : yaml().loadAllFromString(rendered)) {
            if (document != null) {
                manifests.add(new Manifest(map(document)));
            }
        }
        return manifests;
    }

    /** What Helm prints after an installation. */
    static String notes(Path values) {
        String output =
                new Helm(FOLDER)
                        .install()
                        .withName("sluice")
                        .withNamespace("llm")
                        .withKubeVersion("1.34.0")
                        .clientOnly()
                        .dryRun()
                        .withDryRunOption(DryRun.CLIENT)
                        .withValuesFile(values)
                        .call()
                        .getOutput();
        return output.substring(output.indexOf("NOTES:"));
    }

    static LintResult lint() {
        return new Helm(FOLDER).lint().strict().call();
    }

    /** A file of the chart. */
    static String file(String name) {
        try {
            return Files.readString(FOLDER.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Load yaml() {
        return new Load(LoadSettings.builder().build());
    }

    /** A copy whose hooks are ordinary objects, because the library does not return hooks. */
    private static final class WithoutHooks {
        static final Path FOLDER = copy();

        private static Path copy() {
            try (Stream<Path> files = Files.walk(Chart.FOLDER)) {
                Path copy = Files.createTempDirectory("chart").resolve("sluice");
                for (Path file : files.toList()) {
                    Path target = copy.resolve(Chart.FOLDER.relativize(file));
                    if (Files.isDirectory(file)) {
                        Files.createDirectories(target);
                    } else {
                        Files.write(
                                target,
                                Files.readAllLines(file).stream()
                                        .filter(line -> !line.contains("helm.sh/hook:"))
                                        .toList());
                    }
                }
                return copy;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A map of a YAML or JSON document. */
    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }
}
