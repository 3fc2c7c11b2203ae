package dev.sluice.admission;

import dev.sluice.admission.canary.TrialBook;
import dev.sluice.admission.ceiling.GlobalBudget;
import dev.sluice.admission.decide.AdmissionDecider;
import dev.sluice.admission.decide.SharedOutcomePublisher;
import dev.sluice.admission.decide.TickBudget;
import dev.sluice.admission.decide.WaitCensus;
import dev.sluice.admission.decide.WaitQueue;
import dev.sluice.admission.decide.WaitQueueDrainer;
import dev.sluice.admission.ledger.Accounts;
import dev.sluice.admission.ledger.BudgetAdditions;
import dev.sluice.admission.ledger.Ledger;
import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.admission.ledger.Requests;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.outage.Origin;
import dev.sluice.admission.outage.PendingRecords;
import dev.sluice.admission.outage.RegistryQueue;
import dev.sluice.admission.settle.BudgetChanges;
import dev.sluice.admission.settle.SettlementProcessor;
import dev.sluice.admission.settle.SpendPublisher;
import dev.sluice.admission.sharing.SharedOutcomes;
import dev.sluice.admission.store.EntryVersion;
import dev.sluice.admission.store.StateEntries;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.validate.Decision;
import dev.sluice.admission.validate.SourceRecords;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.SourceRecord;
import dev.sluice.runtime.outcome.OriginalRecords;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One task of admission with its opened state: routes each record by its topic, runs the timers,
 * and forwards decisions to their topics. Used by one thread.
 */
final class AdmissionTask implements RegistryQueue.Work, RequestFlow.Exits {

    private static final Logger log = LoggerFactory.getLogger(AdmissionTask.class);
    private static final int SWEPT = 200;

    private final AdmissionParts parts;
    private final ProcessorContext<byte[], byte[]> context;

    /** Number of this task: its partition. */
    private final int own;

    private final StateEntries entries;
    private final AdmissionDecider.TaskState state;
    private final RequestFlow flow;
    private final WaitQueueDrainer drainer;
    private final SharedOutcomePublisher sharedOutcomePublisher;
    private final SettlementProcessor settlementProcessor;
    private final BudgetAdditions additions;
    private final BudgetChanges budgetChanges;
    private final RequestFlow.Ownership ownership;
    private final RegistryQueue registry;

    AdmissionTask(AdmissionParts parts, ProcessorContext<byte[], byte[]> context) {
        this.parts = parts;
        this.context = context;
        this.entries = new StateEntries(context.getStateStore(AdmissionTopology.STORE));
        EntryVersion.check(entries);
        this.own = context.taskId().partition();
        Ceilings ceilings = parts.rules().limits().ceilings();
        Requests requests = new Requests(entries, parts.clock().instant());
        this.state =
                new AdmissionDecider.TaskState(
                        new Ledger(
                                new Accounts(entries),
                                requests,
                                parts.rules().budgets(),
                                parts.rules().limits().rates(),
                                parts.clock()),
                        new GlobalBudget(
                                entries,
                                ceilings.isEmpty()
                                        ? Optional.empty()
                                        : Optional.of(
                                                context.getStateStore(AdmissionTopology.TOTALS)),
                                ceilings,
                                own,
                                parts.partitioner().partitions()),
                        requests,
                        new WaitQueue(
                                entries,
                                new WaitCensus(counts -> parts.metrics().waiting(own, counts))),
                        new SharedOutcomes(
                                entries, parts.rules().maxSharedBytes(), parts.clock().instant()),
                        new TrialBook(
                                entries,
                                parts.exchanges().ofTrials()
                                        ? Optional.of(
                                                context.getStateStore(AdmissionTopology.TRIALS))
                                        : Optional.empty(),
                                parts.rules().trials(),
                                own,
                                parts.clock()));
        AdmissionDecider decider =
                new AdmissionDecider(parts.rules(), state, this::publish, parts.clock());
        this.ownership = user -> parts.partitioner().of(user) == own;
        this.flow =
                new RequestFlow(
                        parts.rules().validator(),
                        decider,
                        requests,
                        ownership,
                        this,
                        parts.metrics().counters(),
                        parts.clock());
        SpendPublisher spends =
                new SpendPublisher(parts.topics(), parts.spends(), this::forward, parts.clock());
        this.drainer =
                new WaitQueueDrainer(
                        parts.rules(),
                        state,
                        decider,
                        this::publish,
                        spends::forget,
                        parts.traces()::left,
                        parts.clock());
        this.sharedOutcomePublisher = new SharedOutcomePublisher(state, drainer, parts.clock());
        this.settlementProcessor =
                new SettlementProcessor(
                        state.ledger(), state.globalBudget(), spends, parts.metrics().counters());
        this.additions = new BudgetAdditions(entries);
        this.budgetChanges =
                new BudgetChanges(
                        parts.budgetChanges(),
                        state.ledger(),
                        additions,
                        parts.rules().budgets(),
                        spends,
                        parts.clock());
        this.registry =
                new RegistryQueue(new PendingRecords(entries), this, parts.metrics().pending());
    }

    void close() {
        parts.ticks().get().idle(this);
        registry.close();
        parts.metrics().closed(own);
        parts.turns().closed(own);
    }

    void process(Record<byte[], byte[]> record) {
        RecordMetadata from =
                context.recordMetadata()
                        .orElseThrow(() ->
                                new IllegalStateException("the record has no topic and offset"));
        Origin origin = origin(from.topic());
        Optional<SourceRecord> source =
                origin == Origin.REPARTITIONED
                        ? SourceRecords.repartitioned(record.value())
                        : Optional.of(
                                OriginalRecords.of(
                                        new TopicPartition(from.topic(), from.partition()),
                                        from.offset(),
                                        record.timestamp(),
                                        record.key(),
                                        record.value(),
                                        record.headers()));
        source.ifPresentOrElse(
                found -> registry.take(origin, from.partition(), from.offset(), found),
                () ->
                        log.atError()
                                .addKeyValue("topic", from.topic())
                                .addKeyValue("partition", from.partition())
                                .addKeyValue("offset", from.offset())
                                .log("record skipped: admission did not write it"));
        write();
    }

    void probe() {
        registry.probe();
        write();
    }

    void drain() {
        parts.turns().turned(own);
        TickBudget ticks = parts.ticks().get();
        if (drainer.look()) {
            Duration time = ticks.of(this);
            registry.runUnlessOutage(() -> drainer.drain(time));
            write();
        } else {
            ticks.idle(this);
        }
    }

    void exchangeTotals() {
        LocalDate today = parts.rules().budgets().day(parts.clock().instant());
        state.globalBudget()
                .exchange(
                        today,
                        (key, value) ->
                                forward(new ProducerRecord<>(parts.topics().totals(), key, value)));
        parts.metrics().booked(own, state.globalBudget().bookings(today));
        write();
    }

    void exchangeTrials() {
        state.trials()
                .exchange((key, value) ->
                        forward(new ProducerRecord<>(parts.topics().trials(), key, value)));
        write();
    }

    void sweep() {
        registry.runUnlessOutage(() -> drainer.sweep(SWEPT));
        additions.forget(parts.rules().budgets().day(parts.clock().instant()), SWEPT);
        write();
    }

    private void write() {
        state.ledger().flush();
        entries.write();
    }

    private Origin origin(String topic) {
        if (topic.equals(parts.topics().settlements())) {
            return Origin.SETTLEMENTS;
        }
        if (topic.equals(parts.topics().budgets())) {
            return Origin.BUDGETS;
        }
        return topic.equals(parts.topics().repartitionedRequests())
                ? Origin.REPARTITIONED
                : Origin.REQUESTS;
    }

    @Override
    public void take(Origin origin, SourceRecord record) {
        switch (origin) {
            case REQUESTS -> flow.take(record, false);
            case REPARTITIONED -> {
                // A record that its producer wrote to another partition than its user's comes from
                // the owner's repartition topic.
                if (origin(record.getTopic().toString()) == Origin.BUDGETS) {
                    changeBudget(record, true);
                } else {
                    flow.take(record, true);
                }
            }
            case SETTLEMENTS -> parts.settlements().read(record).ifPresent(this::settle);
            case BUDGETS -> changeBudget(record, false);
        }
    }

    private void changeBudget(SourceRecord record, boolean repartitioned) {
        Optional<BudgetChanges.Change> change = budgetChanges.read(record);
        if (change.isEmpty()) {
            return;
        }
        String user = change.get().user();
        if (!repartitioned && !ownership.owns(user)) {
            forwardToOwner(user, record);
            return;
        }
        budgetChanges.apply(change.get());
        drainer.freed(user);
    }

    private void settle(Settlement settlement) {
        if (settlementProcessor.settle(settlement)) {
            state.trials().ended(settlement);
            sharedOutcomePublisher.settled(settlement);
        }
        drainer.freed(settlement.getUserId().toString());
    }

    @Override
    public boolean giveUp(Origin origin, SourceRecord record, String message) {
        if (origin == Origin.SETTLEMENTS) {
            return false;
        }
        if (origin == Origin.BUDGETS || origin(record.getTopic().toString()) == Origin.BUDGETS) {
            budgetChanges.skip(record, message);
        } else {
            flow.takeUndecodable(record, message);
        }
        return true;
    }

    @Override
    public void publish(Decision decision) {
        ProducerRecord<byte[], byte[]> record = decision.record();
        parts.traces().decided(decision, record.headers());
        forward(
                new Record<>(
                        record.key(),
                        record.value(),
                        context.currentSystemTimeMs(),
                        record.headers()),
                record.topic());
        parts.metrics().decided(decision);
        log(decision);
    }

    /** Logs an outcome as the worker does; an admitted request has none yet. */
    private static void log(Decision decision) {
        switch (decision) {
            case Decision.Admitted _ -> {}
            case Decision.Answered answered -> logOutcome(answered.subject(), "NONE");
            case Decision.Denied denied -> logOutcome(denied.subject(), denied.reason().name());
        }
    }

    private static void logOutcome(Decision.Subject subject, String reason) {
        Optional<RequestKey> request = subject.request();
        log.atInfo()
                .addKeyValue("requestId", request.map(RequestKey::requestId).orElse(""))
                .addKeyValue("userId", request.map(RequestKey::user).orElse(""))
                .addKeyValue("analysis", subject.analysis())
                .addKeyValue("reason", reason)
                .addKeyValue("calls", 0)
                .addKeyValue("costUsd", 0)
                .log("outcome published");
    }

    @Override
    public void forwardToOwner(String user, SourceRecord source) {
        forward(
                new Record<>(
                        StoreKeys.utf8(user),
                        SourceRecords.bytes(source),
                        context.currentSystemTimeMs()),
                parts.topics().repartitionedRequests());
    }

    private void forward(ProducerRecord<byte[], byte @Nullable []> record) {
        forward(
                new Record<>(record.key(), record.value(), context.currentSystemTimeMs()),
                record.topic());
    }

    private void forward(Record<byte[], byte[]> record, String topic) {
        context.forward(record, AdmissionTopology.sink(topic));
    }
}
