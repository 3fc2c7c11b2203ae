package dev.sluice.evals.cases;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes personal data out of a content: e-mail addresses, long numbers (telephones, cards,
 * accounts), and what further patterns find. What it replaces keeps its kind, so that the content
 * still reads the same.
 */
public final class ContentMask {
    private static final Pattern EMAIL =
            Pattern.compile("[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}");

    /** Seven digits or more, in groups. */
    private static final Pattern NUMBER = Pattern.compile("\\+?\\d(?:[ ./-]?\\d){6,}");

    private final List<Pattern> further;

    private ContentMask(List<Pattern> further) {
        this.further = List.copyOf(further);
    }

    /**
     * A mask with further patterns, in RE2's syntax.
     *
     * @throws IllegalArgumentException if one is not valid
     */
    public static ContentMask of(List<String> patterns) {
        List<Pattern> compiled = new ArrayList<>();
        for (String pattern : patterns) {
            try {
                compiled.add(Pattern.compile(pattern));
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "'" + pattern + "' is no pattern: " + e.getDescription(), e);
            }
        }
        return new ContentMask(compiled);
    }

    /** The fields of an output that have nothing that is masked. */
    public ObjectNode masked(ObjectNode output) {
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        output.properties()
                .forEach(field -> {
                    String text = field.getValue().asString("");
                    if (masked(text).equals(text)) {
                        kept.set(field.getKey(), field.getValue());
                    }
                });
        return kept;
    }

    /** The content without what is masked. */
    public String masked(String content) {
        String masked = EMAIL.matcher(content).replaceAll("someone@example.com");
        masked = NUMBER.matcher(masked).replaceAll("0000000");
        for (Pattern pattern : further) {
            masked = pattern.matcher(masked).replaceAll("[masked]");
        }
        return masked;
    }
}
