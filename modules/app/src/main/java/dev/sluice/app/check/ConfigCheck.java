package dev.sluice.app.check;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.InvalidDefinitionsException;
import dev.sluice.app.config.ConfigWarnings;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.InvalidConfigException;
import dev.sluice.app.config.Plans;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.config.SluiceConfig;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Checks whether the values of a configuration fit together, without asking anybody. */
public final class ConfigCheck {
    private static final String SUBJECT = "configuration";

    private final Set<String> problems = new LinkedHashSet<>();

    private ConfigCheck() {}

    /**
     * Checks what these roles need: all problems at once, and probable mistakes as warnings.
     *
     * @param environment with the API keys
     */
    public static List<Finding> of(
            SluiceConfig config, Set<Role> roles, Environment environment, LocalDate day) {
        ConfigCheck check = new ConfigCheck();
        var _ = check.attempt(() -> Plans.kafka(config));
        var _ = check.attempt(() -> Plans.knowledge(config));
        var _ = check.attempt(() -> HttpSettings.of(config.http()));
        Optional<ServicePlan> plan = check.attempt(() -> Plans.plan(config, roles, environment));
        List<Finding> findings = new ArrayList<>();
        check.problems.forEach(problem -> findings.add(Finding.problem(SUBJECT, problem)));
        plan.ifPresent(valid -> {
            findings.add(
                    Finding.ok(
                            SUBJECT,
                            "%d analyses, %d models%s"
                                    .formatted(
                                            valid.knowledge().analyses().all().size(),
                                            valid.models().size(),
                                            canaries(valid.knowledge().analyses()))));
            ConfigWarnings.of(valid, day)
                    .forEach(warning -> findings.add(Finding.warning(SUBJECT, warning)));
        });
        return findings;
    }

    private static String canaries(AnalysisCatalog analyses) {
        String names =
                analyses.all().stream()
                        .flatMap(one -> analyses.canary(one.name()).stream())
                        .map(canary ->
                                "%s (%d %%, %s)"
                                        .formatted(
                                                canary.definition().name(),
                                                canary.percent(),
                                                canary.definition().fingerprint()))
                        .collect(Collectors.joining(", "));
        return names.isEmpty() ? "" : ", canary: " + names;
    }

    private <T> Optional<T> attempt(Supplier<T> step) {
        try {
            return Optional.of(step.get());
        } catch (InvalidConfigException | InvalidDefinitionsException e) {
            problems.addAll(String.valueOf(e.getMessage()).lines().toList());
            return Optional.empty();
        }
    }
}
