package dev.sluice.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The bill of materials lists the jars of the service, each under a licence that is allowed. */
class SbomIT {
    private static final Path APP = Path.of("../app/target");

    /** A jar under several licences may be used under one of them that is here. */
    private static final Set<String> ALLOWED =
            Set.of(
                    "Apache-2.0",
                    "BSD-2-Clause",
                    "BSD-3-Clause",
                    "EPL-2.0",
                    "MIT",
                    // RE2/J: BSD-3-Clause with the name of its authors.
                    "Go License");

    @Test
    void everyJarIsListedWithItsHash() throws IOException {
        List<String> listed = new ArrayList<>();
        for (JsonNode component : components()) {
            assertThat(component.path("hashes").size())
                    .as("hashes of %s", component.path("name"))
                    .isPositive();
            listed.add(
                    component.path("name").asString()
                            + "-"
                            + component.path("version").asString()
                            + ".jar");
        }

        assertThat(listed).containsExactlyInAnyOrderElementsOf(jars());
    }

    @Test
    void everyJarHasAnAllowedLicence() throws IOException {
        for (JsonNode component : components()) {
            List<String> licences = new ArrayList<>();
            for (JsonNode entry : component.path("licenses")) {
                JsonNode licence = entry.path("license");
                licences.add(licence.path("id").asString(licence.path("name").asString("")));
                licences.add(entry.path("expression").asString(""));
            }

            assertThat(licences)
                    .as("licences of %s", component.path("name"))
                    .anyMatch(licence ->
                            ALLOWED.contains(licence)
                                    || isJline(component) && licence.equals("BSD-4-Clause"));
        }
    }

    /**
     * JLine names "The BSD License", which is taken for the one with four clauses, at the address
     * of the one with three.
     */
    private static boolean isJline(JsonNode component) {
        return component.path("group").asString("").equals("org.jline");
    }

    private static JsonNode components() throws IOException {
        Path sbom = APP.resolve("sluice-sbom.json");
        assumeTrue(Files.exists(sbom), "SKIPPED: offline, Maven makes no bill of materials");
        return JsonMapper.shared().readTree(Files.readString(sbom)).path("components");
    }

    private static List<String> jars() throws IOException {
        try (Stream<Path> jars = Files.list(APP.resolve("lib"))) {
            return jars.map(jar -> jar.getFileName().toString())
                    // Native libraries of other platforms stand beside the jar without a
                    // classifier.
                    .toList();
        }
    }
}
