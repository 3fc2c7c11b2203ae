package dev.sluice.simulator;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Optional;

/** What a call costs beside the standard price. */
enum Tier {
    STANDARD("default", "standard", BigDecimal.ONE),
    PRIORITY("priority", "priority", BigDecimal.TWO),
    FLEX("flex", "flex", new BigDecimal("0.5")),
    /** Answered in the United States only, as Anthropic offers it. */
    IN_THE_US("default", "standard", new BigDecimal("1.1"));

    private final String openAi;
    private final String anthropic;
    private final BigDecimal factor;

    Tier(String openAi, String anthropic, BigDecimal factor) {
        this.openAi = openAi;
        this.anthropic = anthropic;
        this.factor = factor;
    }

    /** The tier that a request asks for, if it names one that has a price of its own. */
    static Tier asked(String name) {
        return Optional.of(name)
                .flatMap(asked ->
                        Arrays.stream(values())
                                .filter(tier -> tier.openAi.equals(asked))
                                .findFirst())
                .orElse(STANDARD);
    }

    /** Its name in OpenAI's interface. */
    String openAi() {
        return openAi;
    }

    /** Its name in Anthropic's interface. */
    String anthropic() {
        return anthropic;
    }

    /** What prices are multiplied by. */
    BigDecimal factor() {
        return factor;
    }
}
