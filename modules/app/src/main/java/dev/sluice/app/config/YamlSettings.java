package dev.sluice.app.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads the settings of a YAML file. Every value is literal text: {@code no} may be a user's name,
 * and {@code ${x}} part of a password. Nested keys, dotted keys and mixtures are equivalent.
 * Messages never show a value, because it may be a secret.
 */
final class YamlSettings {
    private static final Pattern NUMBERED = Pattern.compile("(.+)\\[\\d+]");

    private final Set<String> known;
    private final Set<String> passedOn;
    private final Map<String, Setting> settings = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    private YamlSettings(Set<String> known, Set<String> passedOn) {
        this.known = known;
        this.passedOn = passedOn;
    }

    /**
     * The content of a file.
     *
     * @param problems problems, each with its line
     */
    record Read(List<Setting> settings, List<String> problems) {}

    /**
     * Reads a file.
     *
     * @param known the known keys, with {@code *} for names that the file chooses
     * @param passedOn sections whose keys contain dots
     * @throws InvalidConfigException if the file as a whole is not readable
     */
    static Read read(Path file, Set<String> known, Set<String> passedOn) {
        YamlSettings reader = new YamlSettings(known, passedOn);
        List<Node> documents = reader.documents(file);
        if (documents.size() > 1) {
            reader.problems.add(
                    "a second document begins in line "
                            + line(documents.get(1))
                            + ", the first in line "
                            + line(documents.getFirst())
                            + ": only one is allowed; join them and remove the ---");
        }
        if (!documents.isEmpty()) {
            switch (documents.getFirst()) {
                case MappingNode root -> reader.section(root, new Place("", "", ""));
                case ScalarNode empty when empty.getValue().isEmpty() -> {}
                default ->
                        reader.problems.add(
                                "the file has no keys; its top level must be a section");
            }
        }
        return new Read(List.copyOf(reader.settings.values()), List.copyOf(reader.problems));
    }

    /**
     * The place of a value.
     *
     * @param open the part of the key read so far, in sections whose keys contain dots
     */
    private record Place(String key, String kind, String open) {}

    private List<Node> documents(Path file) {
        try {
            String text = Files.readString(file);
            LoadSettings settings =
                    LoadSettings.builder()
                            .setLabel(file.toString())
                            .setAllowDuplicateKeys(true)
                            .build();
            List<Node> documents = new ArrayList<>();
            new Compose(settings)
                    .composeAllFromString(text.startsWith("\uFEFF") ? text.substring(1) : text)
                    .forEach(documents::add);
            return documents;
        } catch (NoSuchFileException e) {
            throw new InvalidConfigException(
                    List.of("there is no configuration file " + file.toAbsolutePath()));
        } catch (AccessDeniedException e) {
            throw new InvalidConfigException(
                    List.of(file.toAbsolutePath() + " cannot be read; check its permissions"));
        } catch (IOException e) {
            // Neither exception contains the file's text: only the decoder's error, or the path.
            throw new InvalidConfigException(
                    List.of(
                            "cannot read "
                                    + file
                                    + " as UTF-8 text: "
                                    + e.getClass().getSimpleName()));
        } catch (YamlEngineException e) {
            throw new InvalidConfigException(List.of(file + " is not valid YAML" + where(e)));
        }
    }

    private static String where(YamlEngineException failure) {
        Optional<Mark> mark =
                failure instanceof MarkedYamlEngineException marked
                        ? marked.getProblemMark()
                        : Optional.empty();
        return mark.map(at ->
                        ": look at line "
                                + (at.getLine() + 1)
                                + ", column "
                                + (at.getColumn() + 1)
                                + "; a value with special characters needs quotation marks")
                .orElse("");
    }

    private void section(MappingNode section, Place place) {
        Map<String, Integer> lines = new HashMap<>();
        for (NodeTuple tuple : section.getValue()) {
            Node keyNode = tuple.getKeyNode();
            if (!(keyNode instanceof ScalarNode scalar)) {
                problems.add(
                        "line " + line(keyNode) + " has a list or a section where a key must be");
                continue;
            }
            String key = scalar.getValue();
            Integer before = lines.putIfAbsent(key, line(keyNode));
            if (before != null) {
                problems.add(
                        place.key()
                                + key
                                + " is set twice, in line "
                                + before
                                + " and in line "
                                + line(keyNode)
                                + ": join them");
                continue;
            }
            below(place, key, line(keyNode))
                    .ifPresent(next -> value(tuple.getValueNode(), next, line(keyNode)));
        }
    }

    /** The place of a key, which may contain dots. */
    private Optional<Place> below(Place place, String key, int line) {
        if (!place.open().isEmpty()) {
            return Optional.of(new Place(place.key(), place.kind(), place.open() + key + "."));
        }
        String stars = place.kind() + "*";
        if (known.contains(stars)) {
            return passedOn.contains(place.kind())
                    ? Optional.of(new Place(place.key(), stars, key + "."))
                    : Optional.of(new Place(place.key() + Setting.quoted(key), stars, ""));
        }
        Set<String> children = children(stars + ".");
        if (!children.isEmpty()) {
            for (String child : children) {
                int end = key.lastIndexOf("." + child);
                if (end > 0) {
                    Place entry =
                            new Place(
                                    place.key() + Setting.quoted(key.substring(0, end)) + ".",
                                    stars + ".",
                                    "");
                    return below(entry, key.substring(end + 1), line);
                }
            }
            return Optional.of(new Place(place.key() + Setting.quoted(key) + ".", stars + ".", ""));
        }
        int dot = key.indexOf('.');
        String head = dot < 0 ? key : key.substring(0, dot);
        String kind = place.kind() + NUMBERED.matcher(head).replaceFirst("$1[*]");
        boolean isSection = known.stream().anyMatch(one -> one.startsWith(kind + "."));
        boolean isList = known.stream().anyMatch(one -> one.startsWith(kind + "[*]."));
        if (dot < 0 ? !known.contains(kind) && !isSection && !isList : !isSection) {
            problems.add(unknown(place, key, line));
            return Optional.empty();
        }
        Place next = new Place(place.key() + head, kind, "");
        if (isSection) {
            next = new Place(next.key() + ".", kind + ".", "");
        }
        return dot < 0 ? Optional.of(next) : below(next, key.substring(dot + 1), line);
    }

    private Set<String> children(String kind) {
        return known.stream()
                .filter(one -> one.startsWith(kind))
                .map(one -> one.substring(kind.length()).replaceFirst("[.\\[].*", ""))
                .collect(Collectors.toSet());
    }

    private String unknown(Place place, String key, int line) {
        return place.key()
                + key
                + " is not a valid setting (line "
                + line
                + ")"
                + Suggestions.nearest(place.kind() + key, known)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("");
    }

    private void value(Node node, Place place, int line) {
        boolean isLeaf =
                !place.kind().endsWith(".")
                        && known.stream().noneMatch(one -> one.startsWith(place.kind() + "[*]"));
        switch (node) {
            case MappingNode section when !isLeaf || !place.open().isEmpty() ->
                    section(section, place);
            case SequenceNode list when !isLeaf && !place.kind().endsWith(".") ->
                    list(list, place, line);
            case SequenceNode list
                    when (!place.open().isEmpty() || Bounds.takesList(place.kind()))
                            && isOfScalars(list) ->
                    put(
                            place,
                            list.getValue().stream()
                                    .map(entry -> ((ScalarNode) entry).getValue())
                                    .collect(Collectors.joining(",")),
                            line);
            case ScalarNode scalar when isLeaf -> {
                if (!isAbsent(scalar) || !place.open().isEmpty()) {
                    put(place, isAbsent(scalar) ? "" : scalar.getValue(), line);
                }
            }
            case ScalarNode scalar when isAbsent(scalar) -> {}
            default ->
                    problems.add(
                            shown(place)
                                    + " in line "
                                    + line
                                    + (isLeaf
                                            ? " must be one value, not a list or a section"
                                            : place.kind().endsWith(".")
                                                    ? " must be a section"
                                                    : " must be a list"));
        }
    }

    private void list(SequenceNode list, Place place, int line) {
        int number = 0;
        for (Node entry : list.getValue()) {
            Place next = new Place(place.key() + "[" + number++ + "].", place.kind() + "[*].", "");
            if (entry instanceof MappingNode section) {
                section(section, next);
            } else {
                problems.add(shown(next) + " in line " + line + " must be a section");
            }
        }
    }

    private static boolean isOfScalars(SequenceNode list) {
        return list.getValue().stream().allMatch(ScalarNode.class::isInstance);
    }

    private static boolean isAbsent(ScalarNode scalar) {
        return scalar.getTag().equals(Tag.NULL);
    }

    private void put(Place place, String value, int line) {
        String full =
                place.open().isEmpty()
                        ? place.key()
                        : place.key()
                                + Setting.quoted(
                                        place.open().substring(0, place.open().length() - 1));
        int end = parentEnd(full);
        Setting setting =
                new Setting(full.substring(0, end), full.substring(end), place.kind(), value, line);
        Setting before = settings.putIfAbsent(full, setting);
        if (before != null) {
            problems.add(
                    full
                            + " is set twice, in line "
                            + before.line()
                            + " and in line "
                            + line
                            + ": remove one");
        }
    }

    /** Where the last part of a key begins, which may be in quotation marks. */
    private static int parentEnd(String key) {
        if (!key.endsWith("\"")) {
            return key.lastIndexOf('.') + 1;
        }
        int end = key.length() - 2;
        while (end > 0 && (key.charAt(end) != '"' || key.charAt(end - 1) == '\\')) {
            end--;
        }
        return Math.max(end, 0);
    }

    private static String shown(Place place) {
        String key = place.key() + place.open();
        return key.endsWith(".") ? key.substring(0, key.length() - 1) : key;
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }
}
