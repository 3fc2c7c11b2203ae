package dev.sluice.analysis.model;

import java.util.Set;

/**
 * A service tier as a provider names it. Tiers have prices of their own; the standard one has many
 * names.
 *
 * @param name as it is sent
 */
public record ServiceTier(String name) {
    /** OpenAI's standard tier; not naming one means the project's own default, whatever it is. */
    public static final ServiceTier OPENAI_STANDARD = new ServiceTier("default");

    /** Anthropic's, never the priority capacity that an account may have bought. */
    public static final ServiceTier ANTHROPIC_STANDARD = new ServiceTier("standard_only");

    private static final Set<String> STANDARD =
            Set.of("", "default", "standard", "standard_only", "auto", "on_demand", "ondemand");

    public ServiceTier {
        if (!name.matches("[a-z0-9_-]{1,32}")) {
            throw new IllegalArgumentException(
                    "a service tier is a name such as default, flex or priority, was '"
                            + name
                            + "'");
        }
    }

    public boolean isStandard() {
        return isStandard(name);
    }

    /** Whether a tier that a provider told is its standard one. */
    public static boolean isStandard(String told) {
        return STANDARD.contains(told);
    }
}
