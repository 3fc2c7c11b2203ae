package dev.sluice.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Admission while the registry does not answer, or does not know a schema. */
class RegistryOutageTest {
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final String MODEL = "gpt-4.1-mini";
    private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);

    @RegisterExtension
    private final AdmissionDriver admission = AdmissionDriver.open(NOW, Budgets.ofEach(5));

    @Test
    void requestsWaitWhileTheRegistryIsDown() {
        byte[] bytes = admission.bytes(request("r-1"));
        byte[] later = admission.bytes(request("r-2"));
        admission.server.fail(503);

        admission.send(null, bytes);
        admission.send(null, later);
        admission.pass(Duration.ofMinutes(5));
        assertThat(admission.records(TOPICS.jobs(MODEL))).isEmpty();
        assertThat(admission.records(TOPICS.deadLetters())).isEmpty();
        assertThat(admission.pending.get()).isEqualTo(2);

        admission.server.recover();
        admission.pass(Duration.ofSeconds(2));

        assertThat(admission.records(TOPICS.jobs(MODEL)))
                .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
                .containsExactly("r-1", "r-2");
        assertThat(admission.pending.get()).isZero();
    }

    @Test
    void recordsAfterAnOutageStayInOrder() {
        admission.open(PriceTable.shipped(), Budgets.ofEach(1_000_000), 1);
        List<String> sent = IntStream.rangeClosed(0, 1_200).mapToObj(i -> "r-" + i).toList();
        List<byte[]> bytes = sent.stream().map(id -> admission.bytes(request(id))).toList();
        admission.server.fail(503);
        bytes.subList(0, 1_200).forEach(value -> admission.send(null, value));
        admission.server.recover();
        admission.send(null, bytes.getLast());
        assertThat(admission.records(TOPICS.jobs(MODEL))).isEmpty();

        admission.pass(Duration.ofSeconds(1));

        assertThat(admission.records(TOPICS.jobs(MODEL)))
                .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
                .containsExactlyElementsOf(sent);
    }

    @Test
    void settlementWithAnUnknownSchemaIsSetAside() {
        admission.settle(new byte[] {0, 0, 0, 99, 99, 1});
        for (int probe = 0; probe < 20; probe++) {
            admission.pass(Duration.ofSeconds(1));
        }

        assertThat(admission.pending.get()).isZero();
        assertThat(admission.unreadable.get()).isEqualTo(1);
        admission.send(request("r-1"));
        assertThat(admission.records(TOPICS.jobs(MODEL))).hasSize(1);
    }

    @Test
    void requestWithAnUnknownSchemaIsRetriedBeforeItIsDenied() {
        admission.send(null, new byte[] {0, 0, 0, 99, 99, 1});
        assertThat(admission.records(TOPICS.deadLetters())).isEmpty();

        admission.pass(Duration.ofSeconds(1));
        assertThat(admission.records(TOPICS.deadLetters())).isEmpty();
        for (int probe = 0; probe < 6; probe++) {
            admission.pass(Duration.ofSeconds(1));
        }

        assertThat(deadLetter().getReason()).isEqualTo(Reason.UNDECODABLE);
    }

    @Test
    void eachProbeAsksOnceForAnUnknownSchema() {
        for (int i = 0; i < 50; i++) {
            admission.send(null, new byte[] {0, 0, 0, 99, 99, 1});
        }
        int asked = admission.server.requests().size();

        admission.pass(Duration.ofSeconds(1));

        assertThat(admission.server.requests()).hasSize(asked + 1);
        for (int probe = 0; probe < 6; probe++) {
            admission.pass(Duration.ofSeconds(1));
        }
        assertThat(admission.deadLetters()).hasSize(50);
        assertThat(admission.pending.get()).isZero();
    }

    @Test
    void unknownSchemaReportedByAProxyIsRetriedForTenMinutes() {
        byte[] foreign = {0, 0, 0, 99, 99, 1};
        // After this the serializer knows the schema of dead letters.
        admission.send(null, new byte[] {1});
        assertThat(admission.deadLetters()).hasSize(1);
        admission.server.fail(404);

        admission.send(null, foreign);
        for (int probe = 0; probe < 590; probe++) {
            admission.pass(Duration.ofSeconds(1));
        }
        assertThat(admission.records(TOPICS.deadLetters())).isEmpty();
        assertThat(admission.pending.get()).isEqualTo(1);

        for (int probe = 0; probe < 20; probe++) {
            admission.pass(Duration.ofSeconds(1));
        }
        assertThat(deadLetter().getReason()).isEqualTo(Reason.UNDECODABLE);
    }

    private static AnalysisRequest request(String id) {
        return AdmissionDriver.request("ann", id);
    }

    private DeadLetter deadLetter() {
        return admission.deadLetters().getFirst();
    }
}
