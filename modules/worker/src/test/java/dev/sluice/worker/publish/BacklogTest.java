package dev.sluice.worker.publish;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BacklogTest {
    private final Backlog backlog = new Backlog(3, 1_000);

    @Test
    void batchHoldsAtMostSoManyOutcomesOldestFirst() {
        add(10, 10, 10, 10);

        Backlog.Batch first = backlog.take();
        Backlog.Batch second = backlog.take();

        assertThat(first.outcomes()).extracting(Finished::offset).containsExactly(0L, 1L, 2L);
        assertThat(first.isFull()).isTrue();
        assertThat(second.outcomes()).extracting(Finished::offset).containsExactly(3L);
        assertThat(second.isFull()).isFalse();
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    void batchThatTakesAllIsNotFullWhateverItsSize() {
        add(10, 10, 10);

        assertThat(backlog.take().isFull()).isFalse();
    }

    @Test
    void batchHoldsAtMostSoManyBytes() {
        add(600, 400, 1);

        assertThat(backlog.take().outcomes()).extracting(Finished::offset).containsExactly(0L, 1L);
        assertThat(backlog.take().outcomes()).extracting(Finished::offset).containsExactly(2L);
    }

    @Test
    void outcomeLargerThanABatchGoesAlone() {
        add(5_000, 1);

        assertThat(backlog.take().outcomes()).extracting(Finished::offset).containsExactly(0L);
    }

    private void add(int... sizes) {
        for (int i = 0; i < sizes.length; i++) {
            backlog.add(FinishedJobs.finished(i, "results", sizes[i]));
        }
    }
}
