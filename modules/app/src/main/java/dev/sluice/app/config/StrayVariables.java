package dev.sluice.app.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds variables of the environment that would set nothing, or something that nobody named: they
 * cannot say which letters were small, or where a dot was.
 */
final class StrayVariables {
    static final String PREFIX = "SLUICE_";

    /** Read by the launcher. */
    private static final Set<String> LAUNCHER = Set.of(PREFIX + "JAVA_OPTS", PREFIX + "JAVA_HOME");

    /** Kubernetes tells containers in this way of a service that is called sluice. */
    private static final Pattern OF_SERVICE =
            Pattern.compile(
                    PREFIX
                            + "(?:.*_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.*)?"
                            + "|PORT(?:_\\d+_(?:TCP|UDP|SCTP)(?:_.*)?)?)");

    private static final Pattern SEPARATOR = Pattern.compile("[^A-Za-z0-9]");

    private final Set<String> known;
    private final Collection<String> inFile;

    /**
     * @param known keys, with {@code *} for what a file names
     * @param inFile keys that it sets
     */
    StrayVariables(Set<String> known, Collection<String> inFile) {
        this.known = known;
        this.inFile = inFile;
    }

    /** What is wrong, with the fix. */
    List<String> problems(Collection<String> variables) {
        List<String> problems = new ArrayList<>();
        for (String variable : variables.stream().sorted().toList()) {
            if (!LAUNCHER.contains(variable)) {
                problem(variable).ifPresent(problems::add);
            }
        }
        return problems;
    }

    private Optional<String> problem(String variable) {
        Optional<String> key =
                known.stream().filter(one -> pattern(one).matcher(variable).matches()).findFirst();
        if (key.isEmpty()) {
            return OF_SERVICE.matcher(variable).matches()
                    ? Optional.empty()
                    : Optional.of(variable + " is no setting" + suggestion(variable));
        }
        int star = key.get().indexOf(".*");
        if (star < 0) {
            return Optional.empty();
        }
        String section = key.get().substring(0, star);
        return inFile.stream().anyMatch(one -> isOf(section, one, variable))
                ? Optional.empty()
                : Optional.of(
                        variable
                                + ": the environment changes only what the file names under "
                                + section
                                + "; write it there");
    }

    /** Whether a variable is of the same entry of a section as a key in the file. */
    private static boolean isOf(String section, String key, String variable) {
        if (!key.startsWith(section + ".")) {
            return false;
        }
        int from = section.length() + 1;
        boolean quoted = key.startsWith("\"", from);
        int end = quoted ? key.indexOf('"', from + 1) + 1 : key.indexOf('.', from);
        String entry = name(end > 0 ? key.substring(0, end) : key);
        return variable.equals(entry) || variable.startsWith(entry + "_");
    }

    private String suggestion(String variable) {
        List<String> names =
                known.stream().filter(key -> !key.contains("*")).map(StrayVariables::name).toList();
        return Suggestions.nearest(variable, names)
                .map(near -> "; did you mean " + near + "?")
                .orElse("");
    }

    /** {@code worker.max-in-flight} is {@code SLUICE_WORKER_MAX_IN_FLIGHT}. */
    private static String name(String key) {
        return PREFIX + SEPARATOR.matcher(key).replaceAll("_").toUpperCase(Locale.ROOT);
    }

    private static Pattern pattern(String key) {
        return Pattern.compile(
                name(key.replace("[*]", "[0]").replace(".*", ".ENTRY"))
                        .replace("_0_", "_\\d+_")
                        .replace("_ENTRY", "_.+"));
    }
}
