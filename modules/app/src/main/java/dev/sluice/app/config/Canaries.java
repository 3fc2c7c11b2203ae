package dev.sluice.app.config;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.Canary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads the configured canaries. */
final class Canaries {
    private final AnalysisCatalog analyses;
    private final Map<String, Canary> found = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    private Canaries(AnalysisCatalog analyses) {
        this.analyses = analyses;
    }

    /**
     * The analyses with their configured canaries.
     *
     * @throws InvalidConfigException with all canaries that do not fit their analysis
     * @throws dev.sluice.analysis.definition.InvalidDefinitionsException if the definition of a
     *     canary is not valid
     */
    static AnalysisCatalog with(SluiceConfig.Analyses config, AnalysisCatalog analyses) {
        Canaries canaries = new Canaries(analyses);
        new TreeMap<>(config.canaries()).forEach(canaries::add);
        if (!canaries.problems.isEmpty()) {
            throw new InvalidConfigException(canaries.problems);
        }
        return analyses.with(canaries.found);
    }

    private List<String> names() {
        return analyses.all().stream().map(AnalysisDefinition::name).toList();
    }

    private void add(String name, SluiceConfig.CanaryVersion config) {
        String key = "analyses.canaries." + name;
        Optional<AnalysisDefinition> current = analyses.find(name);
        if (current.isEmpty()) {
            problems.add(
                    key
                            + ": there is no such analysis, or analyses.enabled leaves it out"
                            + Suggestions.nearest(name, names())
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse(""));
            return;
        }
        if (config.dir().isEmpty()) {
            problems.add(key + ".dir is missing: name the folder of the second version");
            return;
        }
        Path folder = config.dir().get();
        if (!Files.isDirectory(folder)) {
            problems.add(
                    key
                            + ".dir: there is no folder "
                            + folder.toAbsolutePath()
                            + "; name the folder that has the second version's analysis.yaml");
            return;
        }
        AnalysisDefinition version = Canary.read(folder, name);
        if (version.fingerprint().equals(current.get().fingerprint())) {
            problems.add(
                    key
                            + ".dir: "
                            + folder
                            + " is the same as the current version ("
                            + version.fingerprint()
                            + "); remove "
                            + key
                            + " if you have accepted the canary, else change its files");
        } else if (version.input().maxBytes() != current.get().input().maxBytes()) {
            // Only the version that accepts more would get the longest contents, which fail most.
            problems.add(
                    key
                            + ".dir: its input.max_bytes is "
                            + version.input().maxBytes()
                            + ", and the current version's "
                            + current.get().input().maxBytes()
                            + "; both must accept the same contents");
        } else {
            found.put(name, new Canary(version, config.percent(), config.by()));
        }
    }
}
