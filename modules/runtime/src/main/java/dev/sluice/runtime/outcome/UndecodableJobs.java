package dev.sluice.runtime.outcome;

import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Stage;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * Writes the outcomes of records on a jobs topic that are not jobs, so that they do not hold up
 * jobs.
 */
final class UndecodableJobs {
    /**
     * Largest key and headers, in bytes, for which the dead letter still fits with the whole
     * record.
     */
    private static final long MOST_BESIDE = 64_000;

    private final DeadLetterWriter writer;
    private final InstantSource clock;

    UndecodableJobs(DeadLetterWriter writer, InstantSource clock) {
        this.writer = writer;
        this.clock = clock;
    }

    /**
     * The outcome of such a record: a dead letter with the whole record. There is no request, and
     * nothing was reserved.
     */
    Outcome outcome(ConsumerRecord<byte[], byte[]> record, String message) {
        DeadLetter letter =
                DeadLetter.newBuilder()
                        .setKind(Reasons.kind(Reason.UNDECODABLE))
                        .setReason(Reason.UNDECODABLE)
                        .setMessage("not a job: " + message)
                        .setStage(Stage.WORKER)
                        .setFailedAt(clock.instant())
                        .setOriginal(
                                OriginalRecords.of(
                                        new TopicPartition(record.topic(), record.partition()),
                                        record.offset(),
                                        record.timestamp(),
                                        record.key(),
                                        record.value(),
                                        record.headers()))
                        .build();
        return new Outcome(
                "",
                "",
                "",
                new CallRows(List.of()),
                Optional.of(Reason.UNDECODABLE),
                Optional.empty(),
                List.of(fits(record) ? writer.record(letter) : writer.referring(letter)));
    }

    /**
     * Whether the dead letter fits. Key and headers count because the dead letter contains them and
     * also has a key and headers itself.
     */
    private static boolean fits(ConsumerRecord<byte[], byte[]> record) {
        long beside = record.serializedKeySize();
        for (Header header : record.headers()) {
            beside += header.key().length();
            beside += header.value() == null ? 0 : header.value().length;
        }
        return beside <= MOST_BESIDE;
    }
}
