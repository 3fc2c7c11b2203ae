package dev.sluice.simulator;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Optional;

/** A service tier with its price factor. */
enum Tier {
    STANDARD("default", "standard", BigDecimal.ONE),
    PRIORITY("priority", "priority", BigDecimal.TWO),
    FLEX("flex", "flex", new BigDecimal("0.5")),
    /** Processed in the United States only, as Anthropic offers it. */
    IN_THE_US("default", "standard", new BigDecimal("1.1"));

    private final String openAi;
    private final String anthropic;
    private final BigDecimal factor;

    Tier(String openAi, String anthropic, BigDecimal factor) {
        this.openAi = openAi;
        this.anthropic = anthropic;
        this.factor = factor;
    }

    /** The requested tier, if it has its own price. */
    static Tier asked(String name) {
        return Optional.of(name)
                .flatMap(asked ->
                        Arrays.stream(values())
                                .filter(tier -> tier.openAi.equals(asked))
                                .findFirst())
                .orElse(STANDARD);
    }

    /** The tier's name in OpenAI's interface. */
    String openAi() {
        return openAi;
    }

    /** The tier's name in Anthropic's interface. */
    String anthropic() {
        return anthropic;
    }

    /** Factor on the standard price. */
    BigDecimal factor() {
        return factor;
    }
}
