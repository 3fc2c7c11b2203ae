package dev.sluice.admission;

import dev.sluice.admission.decide.AdmissionDecider;
import dev.sluice.admission.decide.TickBudget;
import dev.sluice.admission.outage.RegistryQueue;
import dev.sluice.admission.settle.SettlementReader;
import dev.sluice.admission.validate.RecordDecoder;
import dev.sluice.contract.BudgetChange;
import dev.sluice.contract.Spend;
import dev.sluice.contract.Topics;
import dev.sluice.contract.UserPartitioner;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import dev.sluice.runtime.metrics.SluiceMetrics;
import java.time.Duration;
import java.time.InstantSource;
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

    private static final Duration SWEEP = Duration.ofMillis(100);

    private final Setup setup;
    private final List<Cancellable> scheduled = new ArrayList<>();
    private @Nullable AdmissionTask task;

    /**
     * The parts that all tasks share.
     *
     * @param probeInterval time between two attempts while the registry does not answer
     * @param waiting counts of the records of all tasks that wait for the registry
     * @param ticks the time budget of each thread for waiting requests
     */
    record Setup(
            Topics topics,
            UserPartitioner partitioner,
            AdmissionDecider.Rules rules,
            SettlementReader settlements,
            RecordDecoder<BudgetChange> budgetChanges,
            ConfluentAvroSerializer<Spend> spends,
            SluiceMetrics metrics,
            InstantSource clock,
            Duration probeInterval,
            RegistryQueue.Totals waiting,
            ThreadLocal<TickBudget> ticks) {}

    AdmissionProcessor(Setup setup) {
        this.setup = setup;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        AdmissionTask opened = new AdmissionTask(setup, context);
        task = opened;
        schedule(context, setup.probeInterval(), opened::probe);
        schedule(context, TickBudget.INTERVAL, opened::drain);
        schedule(context, SWEEP, opened::sweep);
        if (!setup.rules().limits().ceilings().isEmpty()) {
            schedule(context, EXCHANGE, opened::exchange);
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
