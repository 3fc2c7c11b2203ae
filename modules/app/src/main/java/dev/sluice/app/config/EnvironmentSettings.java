package dev.sluice.app.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Maps environment variables to settings. A variable's name does not show lower case letters or
 * dots. So a variable that matches no key, or more than one, is a problem.
 */
final class EnvironmentSettings {
    private static final String PREFIX = "SLUICE_";

    /** Variables of the launcher. */
    private static final Set<String> LAUNCHER = Set.of(PREFIX + "JAVA_OPTS", PREFIX + "JAVA_HOME");

    /** Variables that Kubernetes sets in containers for a service named sluice. */
    private static final Pattern OF_SERVICE =
            Pattern.compile(
                    PREFIX
                            + "(?:.*_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.*)?"
                            + "|PORT(?:_\\d+_(?:TCP|UDP|SCTP)(?:_.*)?)?)");

    private static final Pattern SEPARATOR = Pattern.compile("[^A-Za-z0-9]");

    private final Set<String> known;
    private final Set<String> passedOn;
    private final Collection<Setting> inFile;
    private final List<String> problems = new ArrayList<>();

    /**
     * @param known the known keys, with {@code *} for names that the file chooses
     * @param passedOn sections whose keys contain dots
     */
    EnvironmentSettings(Set<String> known, Set<String> passedOn, Collection<Setting> inFile) {
        this.known = known;
        this.passedOn = passedOn;
        this.inFile = inFile;
    }

    /** The problems, each with its fix; complete after {@link #of}. */
    List<String> problems() {
        return problems;
    }

    /** Settings by key. */
    Map<String, Setting> of(Map<String, String> environment) {
        Map<String, Setting> settings = new TreeMap<>();
        new TreeMap<>(environment)
                .forEach((variable, value) -> {
                    if (variable.startsWith(PREFIX) && !LAUNCHER.contains(variable)) {
                        for (Setting setting : of(variable, value)) {
                            settings.put(setting.key(), setting);
                        }
                    }
                });
        return settings;
    }

    private List<Setting> of(String variable, String value) {
        for (String section : passedOn) {
            String start = variable(section);
            if (variable.startsWith(start)) {
                String key =
                        variable.substring(start.length())
                                .toLowerCase(Locale.ROOT)
                                .replace('_', '.');
                return List.of(new Setting(section, Setting.quoted(key), section + "*", value, 0));
            }
        }
        List<Setting> meant = matching(variable, value);
        Set<String> keys =
                meant.stream().map(Setting::key).collect(Collectors.toCollection(TreeSet::new));
        if (keys.size() > 1) {
            problems.add(
                    variable + " may mean " + String.join(" or ", keys) + ": write it in the file");
            return List.of();
        }
        if (keys.isEmpty()) {
            unknown(variable);
            return List.of();
        }
        return List.of(meant.getFirst());
    }

    /** Every key whose environment variable has this name. */
    private List<Setting> matching(String variable, String value) {
        List<Setting> meant = new ArrayList<>();
        for (String kind : known) {
            if (kind.contains("*")) {
                String parent = Setting.parentOf(kind);
                for (Setting other : inFile) {
                    if (kind.endsWith("*") ? other.kind().equals(kind) : isBeside(other, parent)) {
                        String last =
                                kind.endsWith("*") ? other.last() : kind.substring(parent.length());
                        meant.add(new Setting(other.parent(), last, kind, value, 0));
                    }
                }
            } else {
                String parent = Setting.parentOf(kind);
                meant.add(new Setting(parent, kind.substring(parent.length()), kind, value, 0));
            }
        }
        return meant.stream().filter(one -> variable(one.key()).equals(variable)).toList();
    }

    private static boolean isBeside(Setting other, String parent) {
        return Setting.parentOf(other.kind()).equals(parent);
    }

    private void unknown(String variable) {
        known.stream()
                .filter(kind -> kind.contains("*") && pattern(kind).matcher(variable).matches())
                .findFirst()
                .ifPresentOrElse(
                        kind ->
                                problems.add(
                                        variable
                                                + ": the environment changes only what the file"
                                                + " names under "
                                                + kind.substring(0, kind.indexOf(".*"))
                                                + "; write it there"),
                        () -> {
                            if (!OF_SERVICE.matcher(variable).matches()) {
                                problems.add(
                                        variable
                                                + " is not a valid setting"
                                                + suggestion(variable));
                            }
                        });
    }

    private String suggestion(String variable) {
        List<String> names =
                known.stream()
                        .filter(key -> !key.contains("*"))
                        .map(EnvironmentSettings::variable)
                        .toList();
        return Suggestions.nearest(variable, names)
                .map(near -> "; did you mean " + near + "?")
                .orElse("");
    }

    /**
     * The variable that sets a key: {@code worker.max-in-flight} is {@code
     * SLUICE_WORKER_MAX_IN_FLIGHT}.
     */
    static String variable(String key) {
        return PREFIX + SEPARATOR.matcher(key).replaceAll("_").toUpperCase(Locale.ROOT);
    }

    private static Pattern pattern(String kind) {
        return Pattern.compile(
                variable(kind.replace("[*]", "[0]").replace(".*", ".ENTRY"))
                        .replace("_0_", "_\\d+_")
                        .replace("_ENTRY", "_.+"));
    }
}
