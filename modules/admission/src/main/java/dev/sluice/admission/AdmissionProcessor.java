package dev.sluice.admission;

import dev.sluice.admission.decide.TickBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * The Kafka Streams processor of admission: passes records and timers to its {@link AdmissionTask}.
 */
final class AdmissionProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    /** Time between two exchanges of bookings under the ceilings. */
    private static final Duration EXCHANGE = Duration.ofMillis(100);

    /** Time between two exchanges of counts of trials. */
    private static final Duration EXCHANGE_OF_TRIALS = Duration.ofMillis(500);

    private static final Duration SWEEP = Duration.ofMillis(100);

    private final AdmissionParts parts;
    private final List<Cancellable> scheduled = new ArrayList<>();
    private @Nullable AdmissionTask task;

    AdmissionProcessor(AdmissionParts parts) {
        this.parts = parts;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        AdmissionTask opened = new AdmissionTask(parts, context);
        task = opened;
        schedule(context, parts.probeInterval(), opened::probe);
        schedule(context, TickBudget.INTERVAL, opened::drain);
        schedule(context, SWEEP, opened::sweep);
        if (parts.exchanges().ofTotals()) {
            schedule(context, EXCHANGE, opened::exchangeTotals);
        }
        if (parts.exchanges().ofTrials()) {
            schedule(context, EXCHANGE_OF_TRIALS, opened::exchangeTrials);
        }
    }

    private void schedule(
            ProcessorContext<byte[], byte[]> context, Duration interval, Runnable action) {
        scheduled.add(
                context.schedule(interval, PunctuationType.WALL_CLOCK_TIME, _ -> action.run()));
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        if (task == null) {
            throw new IllegalStateException("the processor was not initialised");
        }
        task.process(record);
    }

    /**
     * Cancels the timers: Kafka Streams may call {@link #init} again afterwards and keeps timers
     * that are not cancelled.
     */
    @Override
    public void close() {
        scheduled.forEach(Cancellable::cancel);
        scheduled.clear();
        if (task != null) {
            task.close();
            task = null;
        }
    }
}
