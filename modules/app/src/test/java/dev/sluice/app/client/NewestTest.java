package dev.sluice.app.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import org.junit.jupiter.api.Test;

class NewestTest {
    @Test
    void newestAreKeptInOrderAndTheOthersCounted() {
        Newest<Integer> newest = new Newest<>(2, Comparator.<Integer>naturalOrder());
        for (int time : new int[] {3, 9, 1, 7}) {
            newest.add(time);
        }

        assertThat(newest.sorted()).containsExactly(9, 7);
        assertThat(newest.remark()).hasValue("\nThese are the newest 2 of 4.");
    }

    @Test
    void nothingIsRemarkedWhenAllAreKept() {
        Newest<Integer> newest = new Newest<>(2, Comparator.<Integer>naturalOrder());
        newest.add(1);
        newest.add(1);

        assertThat(newest.sorted()).containsExactly(1, 1);
        assertThat(newest.remark()).isEmpty();
    }
}
