package dev.sluice.admission;

import dev.sluice.contract.RecordHeader;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.registry.SchemaNotFoundException;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.runtime.outcome.Reasons;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts each request before the {@link Gatekeeper} and forwards what it decides. While the registry
 * does not answer, requests wait in the state store and a probe asks again.
 */
final class AdmissionProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    private static final Logger log = LoggerFactory.getLogger(AdmissionProcessor.class);
    private static final int BATCH = 500;
    private static final long BATCH_BYTES = 32L << 20;

    /** How long and for how many requests one probe asks in vain: a transaction may be open. */
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(2);

    private static final int MAX_FAILURES = 20;

    /** Probes after which a schema id that the registry does not know is believed to be wrong. */
    private static final int MAX_REFUSALS = 5;

    private final Gatekeeper gatekeeper;
    private final SluiceMetrics metrics;
    private final Duration probeInterval;
    private final AtomicLong pendingTotal;
    private boolean registryDown;
    private @Nullable ProcessorContext<byte[], byte[]> context;
    private @Nullable PendingRequests pending;

    AdmissionProcessor(
            Gatekeeper gatekeeper,
            SluiceMetrics metrics,
            Duration probeInterval,
            AtomicLong pendingTotal) {
        this.gatekeeper = gatekeeper;
        this.metrics = metrics;
        this.probeInterval = probeInterval;
        this.pendingTotal = pendingTotal;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> newContext) {
        context = newContext;
        PendingRequests opened =
                new PendingRequests(newContext.getStateStore(AdmissionTopology.STORE));
        pending = opened;
        pendingTotal.addAndGet(opened.size());
        var _ =
                newContext.schedule(
                        probeInterval, PunctuationType.WALL_CLOCK_TIME, time -> retryPending());
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        SourceRecord source = source(record);
        if (registryDown) {
            wait(source, 0);
            return;
        }
        try {
            forward(gatekeeper.decide(source), record.timestamp());
        } catch (UnknownSchemaException e) {
            wait(source, 1);
        } catch (SchemaNotFoundException
                | RegistryUnavailableException
                | AuthenticationException
                | AuthorizationException e) {
            registryDown = true;
            log.atWarn()
                    .addKeyValue("reason", e.getMessage())
                    .log("requests wait: the schema registry gives no answer");
            wait(source, 0);
        }
    }

    @Override
    public void close() {
        if (pending != null) {
            pendingTotal.addAndGet(-pending.size());
        }
    }

    /**
     * Decides on what waits. A request whose schema the registry refuses to give does not hold back
     * those behind it: the outage is over as soon as one of them can be decided on.
     */
    private void retryPending() {
        boolean answers = false;
        int failures = 0;
        long started = System.nanoTime();
        for (PendingRequests.Pending waiting : pending().first(BATCH, BATCH_BYTES)) {
            try {
                forward(decide(waiting), context().currentSystemTimeMs());
                answers = true;
            } catch (UnknownSchemaException e) {
                pending().refusedAgain(waiting);
                answers = true;
                continue;
            } catch (SchemaNotFoundException
                    | RegistryUnavailableException
                    | AuthenticationException
                    | AuthorizationException e) {
                boolean slow = System.nanoTime() - started > PROBE_LIMIT.toNanos();
                if (slow || ++failures >= MAX_FAILURES) {
                    break;
                }
                continue;
            }
            pending().remove(waiting);
            pendingTotal.decrementAndGet();
        }
        if (registryDown && (answers || pending().size() == 0)) {
            registryDown = false;
            log.atInfo().log("the schema registry answers again");
        }
    }

    private Decision decide(PendingRequests.Pending waiting) {
        try {
            return gatekeeper.decide(waiting.source());
        } catch (UnknownSchemaException e) {
            if (waiting.refusals() < MAX_REFUSALS) {
                throw e;
            }
            return gatekeeper.undecodable(waiting.source(), String.valueOf(e.getMessage()));
        }
    }

    private void wait(SourceRecord source, int refusals) {
        pending().add(source, refusals);
        pendingTotal.incrementAndGet();
    }

    private void forward(Decision decision, long timestamp) {
        ProducerRecord<byte[], byte[]> record = decision.record();
        context()
                .forward(
                        new Record<>(record.key(), record.value(), timestamp, record.headers()),
                        AdmissionTopology.sink(record.topic()));
        switch (decision) {
            case Decision.Admitted admitted -> metrics.count(Metric.ADMITTED, admitted.analysis());
            case Decision.Refused refused ->
                    metrics.count(
                            Metric.OUTCOMES,
                            refused.analysis(),
                            Reasons.kind(refused.reason()).name(),
                            refused.reason().name());
        }
    }

    private SourceRecord source(Record<byte[], byte[]> record) {
        Optional<RecordMetadata> metadata = context().recordMetadata();
        List<RecordHeader> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            headers.add(new RecordHeader(header.key(), wrapped(header.value())));
        }
        return SourceRecord.newBuilder()
                .setTopic(metadata.map(RecordMetadata::topic).orElse(""))
                .setPartition(metadata.map(RecordMetadata::partition).orElse(-1))
                .setOffset(metadata.map(RecordMetadata::offset).orElse(-1L))
                .setTimestamp(Instant.ofEpochMilli(record.timestamp()))
                .setKey(wrapped(record.key()))
                .setValue(wrapped(record.value()))
                .setHeaders(headers)
                .build();
    }

    private static @Nullable ByteBuffer wrapped(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }

    private ProcessorContext<byte[], byte[]> context() {
        if (context == null) {
            throw new IllegalStateException("the processor was not initialised");
        }
        return context;
    }

    private PendingRequests pending() {
        if (pending == null) {
            throw new IllegalStateException("the processor was not initialised");
        }
        return pending;
    }
}
