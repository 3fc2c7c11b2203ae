package dev.sluice.admission.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.decide.WaitingRequests.Line;
import dev.sluice.admission.decide.WaitingRequests.Waiting;
import dev.sluice.admission.ledger.Identity;
import dev.sluice.admission.store.CountingStore;
import dev.sluice.admission.store.Entries;
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

class WaitingRequestsTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Instant TOMORROW = Instant.parse("2026-11-24T12:00:00Z");
    private static final List<Line> LINES = List.of(Line.IMPATIENT, Line.PATIENT, Line.PACED);

    private final CountingStore store = new CountingStore();
    private final Entries entries = new Entries(store);
    private final WaitingRequests waiting = new WaitingRequests(entries);

    @Example
    void lookAtALineGoesThroughNothingThatHasLeft() {
        add("ann", Line.PACED, 0, 1_000, 10);
        for (int i = 0; i < 500; i++) {
            waiting.remove(waiting.first("ann", Line.PACED).orElseThrow());
        }
        entries.write();
        store.reset();

        assertThat(waiting.isAnybodyIn("ann", Line.IMPATIENT)).isFalse();
        assertThat(waiting.isAnybodyIn("ann", Line.PATIENT)).isFalse();
        assertThat(id(waiting.first("ann", Line.PACED).orElseThrow())).isEqualTo("r500");
        assertThat(store.scans()).isZero();
    }

    @Example
    void lookAtDeadlinesReadsNoContents() {
        add("ann", Line.PACED, 0, 300, 900_000);
        entries.write();
        store.reset();

        assertThat(waiting.expired(NOON, 1_000)).isEmpty();
        assertThat(store.scannedEntries()).isEqualTo(300);
        assertThat(store.bytesRead()).isLessThan(300 * 100);

        assertThat(waiting.expired(TOMORROW, 1_000)).hasSize(300);
    }

    @Example
    void whoWaitsIsShownByLinesHoweverManyWait() {
        add("ann", Line.PACED, 0, 1_000, 10);
        add("bob", Line.PATIENT, 0, 1, 10);
        List<String> users = new ArrayList<>();
        entries.write();
        store.reset();

        assertThat(waiting.look(500, users::add, _ -> {})).isTrue();

        assertThat(users).containsExactly("ann", "bob");
        assertThat(store.scannedEntries()).isEqualTo(2);
    }

    @Property(tries = 200)
    void linesAreInOrderWhateverComesAndLeaves(@ForAll long seed) {
        Random random = new Random(seed);
        WaitingRequests requests = new WaitingRequests(new Entries(new CountingStore()));
        Map<Line, List<String>> expected = new HashMap<>();
        Map<String, Waiting> known = new HashMap<>();
        for (int step = 0; step < 300; step++) {
            Line line = LINES.get(random.nextInt(LINES.size()));
            List<String> inLine = expected.computeIfAbsent(line, _ -> new ArrayList<>());
            if (random.nextInt(2) == 0) {
                String id = "r" + step;
                requests.add(new Identity("ann", id, 0), line, step, TOMORROW, record(10));
                inLine.add(id);
            } else if (!inLine.isEmpty()) {
                // The first, or one in the middle whose deadline has passed.
                int which = random.nextInt(3) > 0 ? 0 : random.nextInt(inLine.size());
                String id = inLine.remove(which);
                known.clear();
                requests.expired(TOMORROW, 10_000)
                        .forEach(place ->
                                requests.find(place).ifPresent(one -> known.put(id(one), one)));
                requests.remove(known.get(id));
            }
            for (Line each : LINES) {
                List<String> left = expected.getOrDefault(each, List.of());
                assertThat(requests.isAnybodyIn("ann", each)).isEqualTo(!left.isEmpty());
                assertThat(requests.first("ann", each).map(WaitingRequestsTest::id))
                        .isEqualTo(left.stream().findFirst());
            }
        }
    }

    private void add(String user, Line line, int from, int to, int bytes) {
        for (int i = from; i < to; i++) {
            waiting.add(new Identity(user, "r" + i, 0), line, i, TOMORROW, record(bytes));
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
