package dev.sluice.admission.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.decide.WaitQueue.Waiting;
import dev.sluice.admission.decide.WaitQueue.WaitingFor;
import dev.sluice.admission.ledger.RequestKey;
import dev.sluice.admission.store.CountingStore;
import dev.sluice.admission.store.StateEntries;
import dev.sluice.contract.SourceRecord;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class WaitQueueTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Instant TOMORROW = Instant.parse("2026-11-24T12:00:00Z");
    private static final List<WaitingFor> QUEUES =
            List.of(WaitingFor.RESERVATIONS, WaitingFor.NEXT_DAY, WaitingFor.RATE);

    private final CountingStore store = new CountingStore();
    private final StateEntries entries = new StateEntries(store);
    private final List<Map<WaitReason, WaitCensus.Count>> rounds = new ArrayList<>();
    private final WaitQueue waiting = new WaitQueue(entries, new WaitCensus(rounds::add));

    @Example
    void readingAQueueScansNoRemovedEntries() {
        add("ann", WaitingFor.RATE, 0, 1_000, 10);
        for (int i = 0; i < 500; i++) {
            waiting.remove(waiting.first("ann", WaitingFor.RATE).orElseThrow());
        }
        entries.write();
        store.reset();

        assertThat(waiting.hasWaiting("ann", WaitingFor.RESERVATIONS)).isFalse();
        assertThat(waiting.hasWaiting("ann", WaitingFor.NEXT_DAY)).isFalse();
        assertThat(id(waiting.first("ann", WaitingFor.RATE).orElseThrow())).isEqualTo("r500");
        assertThat(store.scans()).isZero();
    }

    @Example
    void checkingDeadlinesReadsNoContents() {
        add("ann", WaitingFor.RATE, 0, 300, 900_000);
        entries.write();
        store.reset();

        assertThat(waiting.expired(NOON, 1_000)).isEmpty();
        assertThat(store.scannedEntries()).isEqualTo(300);
        assertThat(store.bytesRead()).isLessThan(300 * 100);

        assertThat(waiting.expired(TOMORROW, 1_000)).hasSize(300);
    }

    @Example
    void aWholeSweepCountsTheRequestsOfEachReason() {
        add("ann", WaitingFor.RATE, 5, 8, 10);
        add("bob", WaitingFor.NEXT_DAY, 2, 4, 10);
        add("cid", WaitingFor.RATE, 3, 4, 10);

        assertThat(waiting.expired(NOON, 4)).isEmpty();
        assertThat(rounds).isEmpty();
        assertThat(waiting.expired(NOON, 4)).isEmpty();

        assertThat(rounds)
                .containsExactly(
                        Map.of(
                                WaitReason.RATE,
                                new WaitCensus.Count(4, NOON.plusSeconds(3).toEpochMilli()),
                                WaitReason.BUDGET,
                                new WaitCensus.Count(2, NOON.plusSeconds(2).toEpochMilli())));
    }

    @Example
    void lookVisitsQueuesNotRequests() {
        add("ann", WaitingFor.RATE, 0, 1_000, 10);
        add("bob", WaitingFor.NEXT_DAY, 0, 1, 10);
        List<String> users = new ArrayList<>();
        entries.write();
        store.reset();

        assertThat(waiting.look(500, users::add, _ -> {})).isTrue();

        assertThat(users).containsExactly("ann", "bob");
        assertThat(store.scannedEntries()).isEqualTo(2);
    }

    @Property(tries = 200)
    void queuesStayInOrder(@ForAll long seed) {
        Random random = new Random(seed);
        WaitQueue requests =
                new WaitQueue(new StateEntries(new CountingStore()), new WaitCensus(_ -> {}));
        Map<WaitingFor, List<String>> expected = new HashMap<>();
        Map<String, Waiting> known = new HashMap<>();
        for (int step = 0; step < 300; step++) {
            WaitingFor waitingFor = QUEUES.get(random.nextInt(QUEUES.size()));
            List<String> inQueue = expected.computeIfAbsent(waitingFor, _ -> new ArrayList<>());
            if (random.nextInt(2) == 0) {
                String id = "r" + step;
                requests.add(
                        new RequestKey("ann", id, 0), waitingFor, step, TOMORROW, NOON, record(10));
                inQueue.add(id);
            } else if (!inQueue.isEmpty()) {
                // Removes the first, or one in the middle whose deadline has passed.
                int which = random.nextInt(3) > 0 ? 0 : random.nextInt(inQueue.size());
                String id = inQueue.remove(which);
                known.clear();
                requests.expired(TOMORROW, 10_000)
                        .forEach(place ->
                                requests.find(place).ifPresent(one -> known.put(id(one), one)));
                requests.remove(known.get(id));
            }
            for (WaitingFor each : QUEUES) {
                List<String> left = expected.getOrDefault(each, List.of());
                assertThat(requests.hasWaiting("ann", each)).isEqualTo(!left.isEmpty());
                assertThat(requests.first("ann", each).map(WaitQueueTest::id))
                        .isEqualTo(left.stream().findFirst());
            }
        }
    }

    private void add(String user, WaitingFor waitingFor, int from, int to, int bytes) {
        for (int i = from; i < to; i++) {
            waiting.add(
                    new RequestKey(user, "r" + i, 0),
                    waitingFor,
                    i,
                    TOMORROW,
                    NOON.plusSeconds(i),
                    record(bytes));
        }
    }

    private static SourceRecord record(int bytes) {
        return SourceRecord.newBuilder()
                .setTopic("requests")
                .setPartition(0)
                .setOffset(0)
                .setValue(ByteBuffer.allocate(bytes))
                .build();
    }

    private static String id(Waiting waiting) {
        return waiting.request().requestId();
    }
}
