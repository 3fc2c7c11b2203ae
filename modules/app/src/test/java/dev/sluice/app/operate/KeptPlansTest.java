package dev.sluice.app.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class KeptPlansTest {
    private Instant now = Instant.EPOCH;
    private final KeptPlans<String> plans = new KeptPlans<>(100, () -> now);

    @Test
    void planOfAnotherOperatorIsKept() {
        String first = plans.add("a", 10);
        String second = plans.add("b", 20);

        assertThat(plans.find(first)).hasValue("a");
        assertThat(plans.find(second)).hasValue("b");
        assertThat(plans.find("other")).isEmpty();
    }

    @Test
    void oldPlanIsGone() {
        String id = plans.add("a", 10);

        now = now.plus(KeptPlans.LIFE);
        assertThat(plans.find(id)).hasValue("a");
        now = now.plusSeconds(1);
        assertThat(plans.find(id)).isEmpty();
    }

    @Test
    void oldestPlansGoIfAllAreTooLargeTogether() {
        String first = plans.add("a", 60);
        String second = plans.add("b", 60);
        assertThat(plans.find(first)).isEmpty();
        assertThat(plans.find(second)).hasValue("b");

        String huge = plans.add("c", 1_000);
        assertThat(plans.find(second)).isEmpty();
        assertThat(plans.find(huge)).hasValue("c");
    }

    @Test
    void planThatWasCarriedOutIsGone() {
        String id = plans.add("a", 10);

        plans.remove(id);

        assertThat(plans.find(id)).isEmpty();
    }
}
