package dev.sluice.admission;

import java.util.Objects;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * As Streams does with a task whose transaction was aborted: closes the processor and gives it the
 * same store again.
 */
final class RevivableProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    private final AdmissionProcessor processor;
    private @Nullable ProcessorContext<byte[], byte[]> context;
    private boolean due;

    RevivableProcessor(AdmissionProcessor processor) {
        this.processor = processor;
    }

    /** The processor begins anew before the next record. */
    void revive() {
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
