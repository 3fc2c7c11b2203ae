package dev.sluice.analysis.definition;

import com.networknt.schema.ExecutionContext;
import com.networknt.schema.SchemaContext;
import com.networknt.schema.format.Format;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A format that says no to texts longer than any of its kind, and to those that overflow the stack
 * of its check: the library's checks take a stack, or time, that grows with the text.
 */
record BoundedFormat(Format format) implements Format {
    /** Servers take no longer addresses, and everything else is shorter. */
    static final int MAX_CHARACTERS = 8_192;

    /** The formats of JSON Schema 2020-12. */
    private static final Set<String> STANDARD =
            Set.of(
                    "date-time",
                    "date",
                    "time",
                    "duration",
                    "email",
                    "idn-email",
                    "hostname",
                    "idn-hostname",
                    "ipv4",
                    "ipv6",
                    "uri",
                    "uri-reference",
                    "iri",
                    "iri-reference",
                    "uuid",
                    "uri-template",
                    "json-pointer",
                    "relative-json-pointer",
                    "regex");

    /** Names of the formats that schemas may use, in order. */
    static Set<String> names() {
        return new TreeSet<>(STANDARD);
    }

    /** Puts bounds around formats, and takes away those that are not standard. */
    static void all(Map<String, Format> formats) {
        formats.keySet().retainAll(STANDARD);
        formats.put("regex", new Regex());
        formats.replaceAll((name, format) -> new BoundedFormat(format));
    }

    @Override
    public String getName() {
        return format.getName();
    }

    @Override
    public String getMessageKey() {
        return format.getMessageKey();
    }

    @Override
    public boolean matches(ExecutionContext context, SchemaContext schema, String text) {
        if (text.length() > MAX_CHARACTERS) {
            return false;
        }
        try {
            return format.matches(context, schema, text);
        } catch (StackOverflowError e) {
            return false;
        }
    }

    /**
     * Regular expressions: their syntax is looked at, which takes no time, and no machine is made.
     */
    private record Regex() implements Format {
        @Override
        public String getName() {
            return "regex";
        }

        @Override
        public String getMessageKey() {
            return "format.regex";
        }

        @Override
        public boolean matches(ExecutionContext context, String text) {
            try {
                return Pattern.compile(text).flags() >= 0;
            } catch (PatternSyntaxException e) {
                return false;
            }
        }
    }
}
