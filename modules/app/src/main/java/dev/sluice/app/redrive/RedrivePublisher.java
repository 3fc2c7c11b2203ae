package dev.sluice.app.redrive;

import dev.sluice.app.client.Sent;
import dev.sluice.app.letters.LetterFilter;
import dev.sluice.app.letters.LetterReader;
import dev.sluice.app.letters.StoredLetter;
import dev.sluice.contract.RecordHeader;
import dev.sluice.contract.SourceRecord;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import io.github.resilience4j.ratelimiter.RateLimiter;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Publishes the requests of a plan. What the brokers reject is left out, and the others go on. */
final class RedrivePublisher {
    private final KafkaConnection connection;
    private final RedriveRequests requests;
    private final Optional<RateLimiter> pace;
    private final LongConsumer progress;
    private final InstantSource clock;

    /**
     * @param pace limits how many are published in a second
     * @param progress receives the number of requests that were sent so far
     */
    RedrivePublisher(
            KafkaConnection connection,
            RedriveRequests requests,
            Optional<RateLimiter> pace,
            LongConsumer progress,
            InstantSource clock) {
        this.connection = connection;
        this.requests = requests;
        this.pace = pace;
        this.progress = progress;
        this.clock = clock;
    }

    /**
     * Publishes the requests of a plan that are still meant.
     *
     * @param filter the plan's
     * @throws IllegalStateException if the brokers do not answer
     */
    Published publish(LetterFilter filter, RedrivePlan plan, Predicate<Candidate> isMeant) {
        Map<DeadLetterPlace, Candidate> open = new HashMap<>();
        plan.chosen().stream()
                .filter(isMeant)
                .forEach(candidate -> open.put(candidate.place(), candidate));
        Sent sent = new Sent();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        connection.producer(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            var _ =
                    LetterReader.read(
                            connection,
                            filter,
                            stored -> {
                                Candidate candidate = open.remove(stored.place());
                                if (candidate != null) {
                                    send(producer, candidate, stored, sent);
                                    progress.accept(sent.sent());
                                }
                            });
            producer.flush();
        }
        sent.throwIfUnanswered();
        return new Published(
                sent.published(),
                plan.size() - sent.published() - sent.rejected().size(),
                sent.rejected());
    }

    private void send(
            KafkaProducer<byte[], byte[]> producer,
            Candidate candidate,
            StoredLetter stored,
            Sent sent) {
        Optional<SourceRecord> next =
                requests.next(stored, candidate.generation() + 1, clock.instant());
        if (next.isEmpty()) {
            return;
        }
        pace.ifPresent(RateLimiter::waitForPermission);
        String requestId = candidate.identity().requestId();
        sent.begin();
        var _ =
                producer.send(
                        record(next.get()),
                        (_, failure) -> sent.ended(requestId, Optional.ofNullable(failure)));
        sent.throwIfUnanswered();
    }

    private static ProducerRecord<byte[], byte[]> record(SourceRecord next) {
        RecordHeaders headers = new RecordHeaders();
        for (RecordHeader header : next.getHeaders()) {
            headers.add(header.getKey().toString(), bytes(header.getValue()));
        }
        return new ProducerRecord<>(
                next.getTopic().toString(),
                null,
                bytes(next.getKey()),
                bytes(next.getValue()),
                headers);
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
