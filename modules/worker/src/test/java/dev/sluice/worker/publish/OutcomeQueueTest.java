package dev.sluice.worker.publish;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OutcomeQueueTest {
    private final OutcomeQueue backlog = new OutcomeQueue(3, 1_000);

    @Test
    void batchHoldsTheOldestOutcomesUpToTheMaximum() {
        add(10, 10, 10, 10);

        OutcomeQueue.Batch first = backlog.take();
        OutcomeQueue.Batch second = backlog.take();

        assertThat(first.outcomes()).extracting(CompletedJob::offset).containsExactly(0L, 1L, 2L);
        assertThat(first.isFull()).isTrue();
        assertThat(second.outcomes()).extracting(CompletedJob::offset).containsExactly(3L);
        assertThat(second.isFull()).isFalse();
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    void batchThatTakesAllIsNotFullAtAnySize() {
        add(10, 10, 10);

        assertThat(backlog.take().isFull()).isFalse();
    }

    @Test
    void batchHoldsAtMostTheMaximumOfBytes() {
        add(600, 400, 1);

        assertThat(backlog.take().outcomes())
                .extracting(CompletedJob::offset)
                .containsExactly(0L, 1L);
        assertThat(backlog.take().outcomes()).extracting(CompletedJob::offset).containsExactly(2L);
    }

    @Test
    void outcomeLargerThanABatchGoesAlone() {
        add(5_000, 1);

        assertThat(backlog.take().outcomes()).extracting(CompletedJob::offset).containsExactly(0L);
    }

    private void add(int... sizes) {
        for (int i = 0; i < sizes.length; i++) {
            backlog.add(FinishedJobs.finished(i, "results", sizes[i]));
        }
    }
}
