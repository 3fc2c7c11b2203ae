package dev.sluice.admission;

import dev.sluice.admission.ceiling.Totals;
import dev.sluice.admission.check.Decision;
import dev.sluice.admission.check.SourceRecords;
import dev.sluice.admission.decide.Admitting;
import dev.sluice.admission.decide.Answering;
import dev.sluice.admission.decide.Releases;
import dev.sluice.admission.decide.TickTime;
import dev.sluice.admission.decide.WaitingRequests;
import dev.sluice.admission.ledger.Accounts;
import dev.sluice.admission.ledger.Additions;
import dev.sluice.admission.ledger.Ledger;
import dev.sluice.admission.ledger.Requests;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.outage.Origin;
import dev.sluice.admission.outage.PendingRecords;
import dev.sluice.admission.outage.RegistryQueue;
import dev.sluice.admission.settle.BudgetChanges;
import dev.sluice.admission.settle.Settling;
import dev.sluice.admission.settle.Spends;
import dev.sluice.admission.sharing.SharedOutcomes;
import dev.sluice.admission.store.Entries;
import dev.sluice.admission.store.EntryVersion;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.contract.RecordHeader;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.SourceRecord;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.outcome.Reasons;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one task of admission is made of once its state is there: hands what is read to whoever it
 * concerns, and forwards what they decide.
 */
final class AdmissionTask implements RegistryQueue.Work, RequestFlow.Exits {

    private static final Logger log = LoggerFactory.getLogger(AdmissionTask.class);
    private static final int SWEPT = 200;

    private final AdmissionProcessor.Setup setup;
    private final ProcessorContext<byte[], byte[]> context;
    private final Entries entries;
    private final Admitting.Books books;
    private final RequestFlow flow;
    private final Releases releases;
    private final Answering answering;
    private final Settling settling;
    private final Additions additions;
    private final BudgetChanges budgetChanges;
    private final RequestFlow.Home home;
    private final RegistryQueue registry;

    AdmissionTask(AdmissionProcessor.Setup setup, ProcessorContext<byte[], byte[]> context) {
        this.setup = setup;
        this.context = context;
        this.entries = new Entries(context.getStateStore(AdmissionTopology.STORE));
        EntryVersion.check(entries);
        Ceilings ceilings = setup.rules().limits().ceilings();
        Requests requests = new Requests(entries, setup.clock().instant());
        this.books =
                new Admitting.Books(
                        new Ledger(
                                new Accounts(entries),
                                requests,
                                setup.rules().budgets(),
                                setup.rules().limits().rates(),
                                setup.clock()),
                        new Totals(
                                entries,
                                ceilings.isEmpty()
                                        ? null
                                        : context.getStateStore(AdmissionTopology.TOTALS),
                                ceilings,
                                context.taskId().partition(),
                                setup.placement().partitions()),
                        requests,
                        new WaitingRequests(entries),
                        new SharedOutcomes(
                                entries, setup.rules().maxSharedBytes(), setup.clock().instant()));
        Admitting admitting = new Admitting(setup.rules(), books, this::publish, setup.clock());
        int own = context.taskId().partition();
        this.home = user -> setup.placement().of(user) == own;
        this.flow =
                new RequestFlow(
                        setup.rules().gatekeeper(),
                        admitting,
                        requests,
                        home,
                        this,
                        setup.metrics(),
                        setup.clock());
        Spends spends = new Spends(setup.topics(), setup.spends(), this::forward, setup.clock());
        this.releases =
                new Releases(
                        setup.rules(),
                        books,
                        admitting,
                        this::publish,
                        spends::forget,
                        setup.clock());
        this.answering = new Answering(books, releases, setup.clock());
        this.settling = new Settling(books.ledger(), books.totals(), spends, setup.metrics());
        this.additions = new Additions(entries);
        this.budgetChanges =
                new BudgetChanges(
                        setup.budgetChanges(),
                        books.ledger(),
                        additions,
                        setup.rules().budgets(),
                        spends,
                        setup.clock());
        this.registry = new RegistryQueue(new PendingRecords(entries), this, setup.waiting());
    }

    void close() {
        setup.ticks().get().idle(this);
        registry.close();
    }

    void process(Record<byte[], byte[]> record) {
        RecordMetadata from =
                context.recordMetadata()
                        .orElseThrow(() -> new IllegalStateException("a record from nowhere"));
        Origin origin = origin(from.topic());
        Optional<SourceRecord> source =
                origin == Origin.BROUGHT
                        ? SourceRecords.brought(record.value())
                        : Optional.of(source(record, from));
        source.ifPresentOrElse(
                found -> registry.take(origin, from.partition(), from.offset(), found),
                () ->
                        log.atError()
                                .addKeyValue("topic", from.topic())
                                .addKeyValue("partition", from.partition())
                                .addKeyValue("offset", from.offset())
                                .log("not a record that admission wrote; it is passed over"));
        write();
    }

    void probe() {
        registry.probe();
        write();
    }

    void release() {
        TickTime ticks = setup.ticks().get();
        if (releases.look()) {
            Duration time = ticks.of(this);
            registry.patiently(() -> releases.release(time));
            write();
        } else {
            ticks.idle(this);
        }
    }

    void exchange() {
        books.totals()
                .exchange(
                        setup.rules().budgets().day(setup.clock().instant()),
                        (key, value) ->
                                forward(new ProducerRecord<>(setup.topics().totals(), key, value)));
        write();
    }

    void sweep() {
        registry.patiently(() -> releases.sweep(SWEPT));
        additions.forget(setup.rules().budgets().day(setup.clock().instant()), SWEPT);
        write();
    }

    private void write() {
        books.ledger().flush();
        entries.write();
    }

    private Origin origin(String topic) {
        if (topic.equals(setup.topics().settlements())) {
            return Origin.SETTLEMENTS;
        }
        if (topic.equals(setup.topics().budgets())) {
            return Origin.BUDGETS;
        }
        return topic.equals(setup.topics().broughtRequests()) ? Origin.BROUGHT : Origin.REQUESTS;
    }

    @Override
    public void take(Origin origin, SourceRecord record) {
        switch (origin) {
            case REQUESTS -> flow.take(record, false);
            case BROUGHT -> {
                // What somebody put on another partition than its user's comes home like this.
                if (origin(record.getTopic().toString()) == Origin.BUDGETS) {
                    changeBudget(record, true);
                } else {
                    flow.take(record, true);
                }
            }
            case SETTLEMENTS -> setup.settlements().read(record).ifPresent(this::settle);
            case BUDGETS -> changeBudget(record, false);
        }
    }

    private void changeBudget(SourceRecord record, boolean brought) {
        Optional<BudgetChanges.Change> change = budgetChanges.read(record);
        if (change.isEmpty()) {
            return;
        }
        String user = change.get().user();
        if (!brought && !home.keeps(user)) {
            bringHome(user, record);
            return;
        }
        budgetChanges.make(change.get());
        releases.freed(user);
    }

    private void settle(Settlement settlement) {
        if (settling.settle(settlement)) {
            answering.settled(settlement);
        }
        releases.freed(settlement.getUserId().toString());
    }

    @Override
    public boolean giveUp(Origin origin, SourceRecord record, String message) {
        if (origin == Origin.SETTLEMENTS) {
            return false;
        }
        if (origin == Origin.BUDGETS || origin(record.getTopic().toString()) == Origin.BUDGETS) {
            budgetChanges.passOver(record, message);
        } else {
            flow.takeUndecodable(record, message);
        }
        return true;
    }

    @Override
    public void publish(Decision decision) {
        ProducerRecord<byte[], byte[]> record = decision.record();
        forward(
                new Record<>(
                        record.key(),
                        record.value(),
                        context.currentSystemTimeMs(),
                        record.headers()),
                record.topic());
        switch (decision) {
            case Decision.Admitted admitted ->
                    setup.metrics().count(Metric.ADMITTED, admitted.analysis());
            case Decision.Answered answered -> {
                setup.metrics().count(Metric.OUTCOMES, answered.analysis(), "RESULT", "NONE");
                setup.metrics().count(Metric.SHARED, answered.analysis());
            }
            case Decision.Refused refused ->
                    setup.metrics()
                            .count(
                                    Metric.OUTCOMES,
                                    refused.analysis(),
                                    Reasons.kind(refused.reason()).name(),
                                    refused.reason().name());
        }
    }

    @Override
    public void bringHome(String user, SourceRecord source) {
        forward(
                new Record<>(
                        StoreKeys.utf8(user),
                        SourceRecords.bytes(source),
                        context.currentSystemTimeMs()),
                setup.topics().broughtRequests());
    }

    private void forward(ProducerRecord<byte[], byte @Nullable []> record) {
        forward(
                new Record<>(record.key(), record.value(), context.currentSystemTimeMs()),
                record.topic());
    }

    private void forward(Record<byte[], byte[]> record, String topic) {
        context.forward(record, AdmissionTopology.sink(topic));
    }

    private static SourceRecord source(Record<byte[], byte[]> record, RecordMetadata from) {
        List<RecordHeader> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            headers.add(new RecordHeader(header.key(), wrapped(header.value())));
        }
        return SourceRecord.newBuilder()
                .setTopic(from.topic())
                .setPartition(from.partition())
                .setOffset(from.offset())
                .setTimestamp(Instant.ofEpochMilli(record.timestamp()))
                .setKey(wrapped(record.key()))
                .setValue(wrapped(record.value()))
                .setHeaders(headers)
                .build();
    }

    private static @Nullable ByteBuffer wrapped(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }
}
