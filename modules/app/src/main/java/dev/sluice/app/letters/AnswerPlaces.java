package dev.sluice.app.letters;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds where in a model's answer a violation is: the values of its JSON by their JSON Pointers. An
 * answer may stand between other text, and may end in the middle.
 */
public final class AnswerPlaces {
    /** Characters shown before and after a value. */
    private static final int AROUND = 40;

    /** Most characters shown of a value. */
    private static final int LONGEST = 80;

    private final String answer;
    private final Map<String, Place> places = new HashMap<>();

    /** From a character of the answer to another, which is not part of it. */
    private record Place(int from, int to) {}

    public AnswerPlaces(String answer) {
        this.answer = answer;
        int begin = answer.indexOf('{');
        if (begin >= 0) {
            read(begin);
        }
    }

    private void read(int begin) {
        Map<String, Integer> open = new HashMap<>();
        try (JsonParser parser = JsonMapper.shared().createParser(answer.substring(begin))) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                String pointer = parser.streamReadContext().pathAsPointer().toString();
                int from = begin + (int) parser.currentTokenLocation().getCharOffset();
                if (token.isStructStart()) {
                    open.put(pointer, from);
                } else if (token.isStructEnd()) {
                    places.put(pointer, new Place(open.getOrDefault(pointer, from), from + 1));
                } else if (token.isScalarValue()) {
                    // Reads the whole value, so that the parser stands behind it.
                    var _ = parser.getString();
                    int to = begin + (int) parser.currentLocation().getCharOffset();
                    places.put(pointer, new Place(from, to));
                }
                if (token.isStructEnd() && parser.streamReadContext().inRoot()) {
                    return;
                }
            }
        } catch (JacksonException e) {
            // The answer ends here, or is no JSON from here on; what came before has its places.
            return;
        }
    }

    /**
     * The part of the answer around a value, with the value between the marks ⟦ and ⟧; empty if the
     * answer has no such value.
     */
    public Optional<String> marked(String pointer) {
        return Optional.ofNullable(places.get(pointer)).map(this::around);
    }

    private String around(Place place) {
        int from = boundary(Math.max(0, place.from - AROUND));
        int to = boundary(Math.min(answer.length(), place.to + AROUND));
        String value = answer.substring(place.from, place.to);
        String shown =
                value.length() <= LONGEST
                        ? value
                        : value.substring(0, LONGEST / 2)
                                + "…"
                                + value.substring(value.length() - LONGEST / 2);
        String text =
                (from > 0 ? "…" : "")
                        + answer.substring(from, place.from)
                        + "⟦"
                        + shown
                        + "⟧"
                        + answer.substring(place.to, to)
                        + (to < answer.length() ? "…" : "");
        return text.replaceAll("\\s+", " ");
    }

    /** Not between the two halves of a character. */
    private int boundary(int index) {
        return index > 0
                        && index < answer.length()
                        && Character.isLowSurrogate(answer.charAt(index))
                ? index - 1
                : index;
    }
}
