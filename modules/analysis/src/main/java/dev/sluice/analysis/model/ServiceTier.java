package dev.sluice.analysis.model;

import java.util.Set;

/**
 * Service tier by the provider's name of it. Each tier has its own price. The standard tier has
 * several names.
 *
 * @param name as sent to the provider
 */
public record ServiceTier(String name) {
    /**
     * OpenAI's standard tier. A request without a tier uses the project's default, which may
     * differ.
     */
    public static final ServiceTier OPENAI_STANDARD = new ServiceTier("default");

    /** Anthropic's standard tier; never uses priority capacity that an account may have bought. */
    public static final ServiceTier ANTHROPIC_STANDARD = new ServiceTier("standard_only");

    private static final Set<String> STANDARD =
            Set.of("", "default", "standard", "standard_only", "auto", "on_demand", "ondemand");

    public ServiceTier {
        if (!name.matches("[a-z0-9_-]{1,32}")) {
            throw new IllegalArgumentException(
                    "'"
                            + name
                            + "' is not a valid service tier; use a name such as default, flex or"
                            + " priority");
        }
    }

    public boolean isStandard() {
        return isStandard(name);
    }

    /** Whether a tier reported by a provider is its standard one. */
    public static boolean isStandard(String reported) {
        return STANDARD.contains(reported);
    }
}
