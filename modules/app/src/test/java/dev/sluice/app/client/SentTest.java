package dev.sluice.app.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class SentTest {
    private final Sent sent = new Sent();

    @Test
    void rejectedRecordLetsTheOthersGoOn() {
        sent.begin();
        sent.begin();
        sent.ended("large", Optional.of(new RecordTooLargeException("too large")));
        sent.ended("fine", Optional.empty());

        sent.throwIfUnanswered();
        assertThat(sent.rejected()).containsExactly("large: too large");
        assertThat(sent.published()).isEqualTo(1);
        assertThat(sent.sent()).isEqualTo(2);
    }

    @Test
    void brokersThatDoNotAnswerEndTheRedrive() {
        sent.ended("fine", Optional.empty());
        sent.ended("lost", Optional.of(new TimeoutException("no answer")));

        assertThatThrownBy(sent::throwIfUnanswered)
                .hasMessageContaining("1 requests are published")
                .hasMessageContaining("(no answer)")
                .hasCauseInstanceOf(TimeoutException.class);
    }
}
