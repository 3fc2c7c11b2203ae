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
 * JSON Schema format that rejects texts that are too long, or that overflow the stack of the
 * library's check. The stack or time of the library's checks grows with the text.
 */
record BoundedFormat(Format format) implements Format {
    /**
     * Longest accepted text: servers accept no longer addresses, and all other formats are shorter.
     */
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

    /** Names of the formats that schemas may use, sorted. */
    static Set<String> names() {
        return new TreeSet<>(STANDARD);
    }

    /** Wraps all standard formats and removes the others. */
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

    /** The format {@code regex}: checks only the syntax, which is fast, and compiles nothing. */
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
