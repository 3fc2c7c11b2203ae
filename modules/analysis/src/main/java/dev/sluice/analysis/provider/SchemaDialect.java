package dev.sluice.analysis.provider;

import java.util.Set;

/** Subset of JSON Schema that a provider's structured output supports. */
public enum SchemaDialect {
    /** OpenAI's strict mode: every field required, every object closed. */
    OPENAI(
            Set.of(
                    "type",
                    "properties",
                    "required",
                    "additionalProperties",
                    "items",
                    "enum",
                    "const",
                    "description",
                    "minimum",
                    "maximum",
                    "exclusiveMinimum",
                    "exclusiveMaximum",
                    "multipleOf",
                    "pattern",
                    "format",
                    "minItems",
                    "maxItems"),
            Set.of(
                    "date-time",
                    "time",
                    "date",
                    "duration",
                    "email",
                    "hostname",
                    "ipv4",
                    "ipv6",
                    "uuid"),
            true),
    /** Anthropic's JSON outputs: every object closed, no bounds of any kind. */
    ANTHROPIC(
            Set.of(
                    "type",
                    "properties",
                    "required",
                    "additionalProperties",
                    "items",
                    "enum",
                    "const",
                    "description",
                    "format"),
            Set.of(
                    "date-time",
                    "time",
                    "date",
                    "duration",
                    "email",
                    "hostname",
                    "uri",
                    "ipv4",
                    "ipv6",
                    "uuid"),
            false);

    @SuppressWarnings("ImmutableEnumChecker") // Set.of is immutable
    private final Set<String> keywords;

    @SuppressWarnings("ImmutableEnumChecker") // Set.of is immutable
    private final Set<String> formats;

    private final boolean everythingRequired;

    SchemaDialect(Set<String> keywords, Set<String> formats, boolean everythingRequired) {
        this.keywords = keywords;
        this.formats = formats;
        this.everythingRequired = everythingRequired;
    }

    boolean supports(String keyword) {
        return keywords.contains(keyword);
    }

    boolean supportsFormat(String format) {
        return formats.contains(format);
    }

    boolean wantsEverythingRequired() {
        return everythingRequired;
    }
}
