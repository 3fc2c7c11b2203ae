package dev.sluice.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TopicsTest {
    private final Topics topics = new Topics("my.");

    @Test
    void modelOfAJobTopicIsFound() {
        assertThat(topics.modelOfJobs(topics.jobs("gpt-4.1-mini"))).hasValue("gpt-4.1-mini");
        assertThat(topics.modelOfJobs(topics.bulkJobs("gpt-4.1-mini"))).hasValue("gpt-4.1-mini");
    }

    @Test
    void otherTopicsHaveNoModel() {
        assertThat(topics.modelOfJobs(topics.requests())).isEmpty();
        assertThat(topics.modelOfJobs(topics.attempts("gpt-4o"))).isEmpty();
        assertThat(topics.modelOfJobs(new Topics("other.").jobs("gpt-4o"))).isEmpty();
        assertThat(topics.modelOfJobs("my.internal.jobs.v1")).isEmpty();
    }
}
