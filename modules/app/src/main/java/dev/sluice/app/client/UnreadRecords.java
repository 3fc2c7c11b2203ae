package dev.sluice.app.client;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Records of a topic that are not what the topic is for; others may write to it. */
public final class UnreadRecords {
    private final String topic;
    private long count;
    private String first = "";

    public UnreadRecords(String topic) {
        this.topic = topic;
    }

    public void add(ConsumerRecord<byte[], byte[]> record) {
        if (count++ == 0) {
            first =
                    record.topic()
                            + ", partition "
                            + record.partition()
                            + ", offset "
                            + record.offset();
        }
    }

    /** How many there are, and where the first one is; empty if there are none. */
    public Optional<String> warning() {
        return count == 0
                ? Optional.empty()
                : Optional.of(
                        count
                                + (count == 1 ? " record of " : " records of ")
                                + topic
                                + " cannot be read, the first at "
                                + first);
    }
}
