package dev.sluice.admission;

import java.util.Objects;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Wraps a processor to restart it with the same store, as Kafka Streams does after an aborted
 * transaction.
 */
final class RevivableProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    private final AdmissionProcessor processor;
    private @Nullable ProcessorContext<byte[], byte[]> context;
    private boolean due;

    RevivableProcessor(AdmissionProcessor processor) {
        this.processor = processor;
    }

    /** Restarts the processor before the next record. */
    void restart() {
        due = true;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> opened) {
        context = opened;
        processor.init(opened);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        if (due) {
            due = false;
            processor.close();
            processor.init(Objects.requireNonNull(context));
        }
        processor.process(record);
    }

    @Override
    public void close() {
        processor.close();
    }
}
