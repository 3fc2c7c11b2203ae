package dev.sluice.worker.journal;

import dev.sluice.analysis.guard.SteadyClock;
import dev.sluice.contract.Attempt;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.kafka.ThrottledLog;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes the journal with a producer of its own, outside of transactions: the start of a call must
 * be recorded before the call is sent, whether or not the outcome's transaction succeeds.
 * Thread-safe; entries of several threads share requests.
 */
final class JournalWriter implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JournalWriter.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** A call that waits is tried again within this time, and fails again or does not. */
    private static final Duration RECENT = Duration.ofSeconds(20);

    private final Producer<byte[], byte[]> producer;
    private final ConfluentAvroSerializer<Attempt> serializer;
    private final InstantSource clock = new SteadyClock();
    private volatile @Nullable Failure last;
    private final ThrottledLog waits = new ThrottledLog(new SteadyClock());
    private final ThrottledLog notes = new ThrottledLog(new SteadyClock());

    /** A start of a call that could not be written. */
    private record Failure(Instant at, String reason) {}

    JournalWriter(Producer<byte[], byte[]> producer, ConfluentAvroSerializer<Attempt> serializer) {
        this.producer = producer;
        this.serializer = serializer;
    }

    /**
     * Writes an entry and waits until it is acknowledged. Waits while the registry does not answer.
     *
     * @return false if the brokers did not answer: the entry may be written, now or later
     */
    boolean write(TopicPartition partition, Attempt attempt) throws InterruptedException {
        ProducerRecord<byte[], byte[]> record =
                RegistryOutage.waitOut(() -> record(partition, attempt), this::pauseCalls);
        try {
            var _ = producer.send(record).get();
            last = null;
            return true;
        } catch (InterruptException e) {
            boolean _ = Thread.interrupted();
            throw new InterruptedException("cancelled while the journal was written");
        } catch (ExecutionException | KafkaException e) {
            pauseCalls(e);
            return false;
        }
    }

    /** Why calls wait for the journal; empty if none of the last seconds did. */
    Optional<String> complaint() {
        return Optional.ofNullable(last)
                .filter(failure -> failure.at().plus(RECENT).isAfter(clock.instant()))
                .map(failure ->
                        "calls wait: their start cannot be written to the journal: "
                                + failure.reason());
    }

    private void pauseCalls(Exception reason) throws InterruptedException {
        Throwable cause = reason instanceof ExecutionException ? reason.getCause() : reason;
        last = new Failure(clock.instant(), String.valueOf(cause));
        boolean warn = !(reason instanceof RegistryUnavailableException) && waits.isDue();
        log.atLevel(warn ? Level.WARN : Level.DEBUG)
                .addKeyValue("reason", reason.toString())
                .log("calls wait: their start cannot be written to the journal");
        Thread.sleep(PAUSE);
    }

    /**
     * Writes an entry without waiting. If the end of a call is never written, the call is booked at
     * its worst case.
     */
    void note(TopicPartition partition, Attempt attempt) {
        try {
            var _ =
                    producer.send(
                            record(partition, attempt),
                            (metadata, failure) -> {
                                if (failure != null) {
                                    logNotWritten(failure);
                                }
                            });
        } catch (KafkaException e) {
            logNotWritten(e);
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(10));
    }

    private ProducerRecord<byte[], byte[]> record(TopicPartition partition, Attempt attempt) {
        return new ProducerRecord<>(
                partition.topic(),
                partition.partition(),
                attempt.getAssignment().toString().getBytes(StandardCharsets.US_ASCII),
                serializer.serialize(partition.topic(), attempt));
    }

    private void logNotWritten(Exception failure) {
        log.atLevel(notes.isDue() ? Level.WARN : Level.DEBUG)
                .addKeyValue("reason", failure.toString())
                .log(
                        "the end of a call is not in the journal; if this worker crashes, the call"
                                + " is booked at its worst case");
    }
}
