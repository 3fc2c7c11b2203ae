package dev.sluice.admission;

import static dev.sluice.admission.AdmissionDriver.TOPICS;
import static dev.sluice.admission.AdmissionDriver.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.Reason;
import dev.sluice.contract.UserPartitioner;
import dev.sluice.runtime.job.Job;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Duplicate requests and owner partitions, through the topology. */
class DuplicatesTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    @RegisterExtension
    private final AdmissionDriver admission = AdmissionDriver.open(NOON, Budgets.ofEach(5));

    @Test
    void duplicateRequestGetsNoSecondJob() {
        admission.send(request("ann", "r"));
        admission.send(request("ann", "r"));
        admission.send(request("bob", "r"));

        assertThat(admission.jobs())
                .extracting(job -> job.request().getUserId().toString())
                .containsExactly("ann", "bob");
        assertThat(admission.deadLetters()).isEmpty();
        assertThat(admission.meters.get("sluice.admission.duplicates").counter().count())
                .isEqualTo(1);
    }

    @Test
    void redrivenRequestRunsOnceMore() {
        admission.send(request("ann", "r"));
        admission.send(redriven());
        admission.send(redriven());

        assertThat(admission.jobs()).extracting(Job::generation).containsExactly(0, 1);
    }

    @Test
    void requestIsADuplicateForADay() {
        AnalysisRequest lasting = lasting();
        admission.send(lasting);
        admission.worker.settle(admission.jobs().getFirst(), "0.001", "0");
        admission.pass(Duration.ofHours(23));
        admission.send(lasting);
        assertThat(admission.jobs()).isEmpty();

        admission.pass(Duration.ofHours(1));
        admission.send(lasting);

        assertThat(admission.jobs()).extracting(DuplicatesTest::id).containsExactly("r");
        admission.send(lasting);
        assertThat(admission.jobs()).isEmpty();
    }

    @Test
    void requestIsADuplicateWhileItsJobRuns() {
        AnalysisRequest lasting = lasting();
        admission.send(lasting);
        Job job = admission.jobs().getFirst();
        admission.pass(Duration.ofHours(30));

        admission.send(lasting);
        assertThat(admission.jobs()).isEmpty();

        admission.worker.settle(job, "0.001", "0");
        admission.pass(Duration.ofHours(24));
        admission.send(lasting);
        assertThat(admission.jobs()).hasSize(1);
    }

    @Test
    void requestIsADuplicateWhileItWaits() {
        AnalysisRequest leader = lasting();
        leader.setCache(CacheUse.ALLOW);
        admission.send(leader);
        Job job = admission.jobs().getFirst();
        AnalysisRequest identical = lasting();
        identical.setRequestId("identical");
        identical.setCache(CacheUse.ALLOW);
        admission.send(identical);
        for (int hour = 0; hour < 30; hour++) {
            admission.pass(Duration.ofHours(1));
        }

        admission.send(identical);
        admission.worker.answer(job, "0.001", "fine");
        admission.pass(Duration.ofSeconds(1));

        assertThat(admission.results()).hasSize(1);
        admission.send(identical);
        assertThat(admission.results()).isEmpty();
    }

    @Test
    void recordFromTheFutureExpiresNoOtherRequest() {
        admission.send(request("ann", "r"));
        byte[] other = admission.bytes(request("bob", "r"));
        admission.send(new TestRecord<>(null, other, NOON.plus(Duration.ofDays(4_000))));

        admission.send(request("ann", "r"));

        assertThat(admission.jobs()).hasSize(2);
    }

    @Test
    void idsThatAreNoUtf8AreRefusedEachByItself() {
        for (byte last : new byte[] {(byte) 0xE8, (byte) 0xE9}) {
            Utf8 broken = new Utf8(new byte[] {'c', 'a', 'f', last});
            AnalysisRequest user = request("ann", "r1");
            user.setUserId(broken);
            admission.send(user);
            AnalysisRequest id = request("ann", "r2");
            id.setRequestId(broken);
            admission.send(id);
        }

        assertThat(admission.jobs()).isEmpty();
        List<DeadLetter> letters = admission.deadLetters();
        assertThat(letters)
                .hasSize(4)
                .allMatch(letter -> letter.getReason() == Reason.INVALID_REQUEST);
        assertThat(letters.get(0).getMessage()).hasToString("userId is not valid UTF-8");
        assertThat(letters.get(1).getMessage()).hasToString("requestId is not valid UTF-8");
        assertThat(letters.get(1).getRequestId()).hasToString("caf\uFFFD");
    }

    @Test
    void otherFieldsWithInvalidUtf8AreDenied() {
        Utf8 broken = new Utf8(new byte[] {(byte) 0xE8});
        AnalysisRequest run = request("ann", "r1");
        run.setRunId(broken);
        admission.send(run);
        AnalysisRequest attribute = request("ann", "r2");
        attribute.setAttributes(Map.of("tenant", broken));
        admission.send(attribute);

        assertThat(admission.deadLetters())
                .extracting(letter -> letter.getMessage().toString())
                .containsExactly("runId is not valid UTF-8", "attributes are not valid UTF-8");
    }

    @Test
    void requestIsForwardedToTheOwnerPartition() {
        admission.open(PriceTable.shipped(), Budgets.ofEach(5), 4);
        UserPartitioner partitioner = new UserPartitioner(4);
        String here = userOn(partitioner, 0);
        String elsewhere = userOn(partitioner, 3);

        admission.send(request(here, "r1"));
        assertThat(admission.records(TOPICS.repartitionedRequests())).isEmpty();
        admission.send(request(elsewhere, "r2"));

        assertThat(admission.records(TOPICS.repartitionedRequests()))
                .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
                .containsExactly(elsewhere);
        assertThat(admission.jobs()).extracting(DuplicatesTest::id).containsExactly("r1", "r2");
    }

    private TestRecord<byte[], byte[]> redriven() {
        RecordHeaders headers = new RecordHeaders();
        headers.add(HeaderNames.GENERATION, "1".getBytes(StandardCharsets.UTF_8));
        return new TestRecord<>(null, admission.bytes(request("ann", "r")), headers, NOON);
    }

    private static String userOn(UserPartitioner partitioner, int partition) {
        for (int i = 0; ; i++) {
            if (partitioner.of("user-" + i) == partition) {
                return "user-" + i;
            }
        }
    }

    private static AnalysisRequest lasting() {
        AnalysisRequest request = request("ann", "r");
        request.setDeadline(NOON.plus(Duration.ofDays(9)));
        return request;
    }

    private static String id(Job job) {
        return job.request().getRequestId().toString();
    }
}
