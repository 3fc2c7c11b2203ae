package dev.sluice.admission;

import static dev.sluice.admission.AdmissionDriver.TOPICS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.contract.Settlement;
import dev.sluice.runtime.job.Job;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Budget changes and settlements whose schema the registry does not know. */
class UnknownSchemaTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final int UNKNOWN_SCHEMA = 4_711;

    @RegisterExtension
    private final AdmissionDriver admission = AdmissionDriver.open(NOON, Budgets.ofEach(5));

    @Test
    void budgetChangeIsSkippedAfterSomeProbes() {
        admission.changeBudget("ann", framed(UNKNOWN_SCHEMA, new byte[] {1, 2, 3}));
        assertThat(admission.pending.get()).isEqualTo(1);

        probes(1_200);

        assertThat(admission.pending.get()).as("readiness depends on it").isZero();
        assertThat(admission.unreadable.get()).isZero();
        assertThat(lookupsOf(UNKNOWN_SCHEMA)).isLessThan(10);
    }

    @Test
    void settlementIsSetAsideWithoutAffectingReadiness() {
        admission.settle(framed(UNKNOWN_SCHEMA, new byte[] {1, 2, 3}));

        probes(1_200);

        assertThat(admission.pending.get()).as("readiness depends on it").isZero();
        assertThat(admission.unreadable.get()).isEqualTo(1);
        assertThat(lookupsOf(UNKNOWN_SCHEMA)).isLessThan(15);
        admission.send(AdmissionDriver.request("ann", "others go on"));
        assertThat(admission.jobs()).hasSize(1);
    }

    @Test
    void settlementIsBookedWhenTheRegistryKnowsItsSchema() {
        admission.send(AdmissionDriver.request("ann", "r"));
        Job job = admission.jobs().getFirst();
        byte[] known = admission.worker.settlement(job, "0.25", "0");
        // The id that the next registered schema will get: the settlement schema with one more
        // field, which is null.
        int next = ByteBuffer.wrap(known, 1, Integer.BYTES).getInt() + 1;
        byte[] body = Arrays.copyOfRange(known, 5, known.length + 1);
        admission.settle(framed(next, body));
        probes(60);
        assertThat(admission.unreadable.get()).isEqualTo(1);
        admission.restart();
        admission.send(AdmissionDriver.request("ann", "r2"));
        assertThat(admission.unreadable.get()).isEqualTo(1);

        byte[] _ = admission.serialized(TOPICS.settlements(), ofALaterVersion());
        probes(700);

        assertThat(admission.unreadable.get()).isZero();
        assertThat(admission.spends().getLast().getSpentUsd()).isEqualByComparingTo("0.25");
    }

    private static GenericData.Record ofALaterVersion() {
        Schema own = Settlement.getClassSchema();
        List<Schema.Field> fields =
                new ArrayList<>(
                        own.getFields().stream()
                                .map(field -> new Schema.Field(field, field.schema()))
                                .toList());
        fields.add(
                new Schema.Field(
                        "later",
                        Schema.createUnion(
                                Schema.create(Schema.Type.NULL), Schema.create(Schema.Type.STRING)),
                        null,
                        Schema.Field.NULL_DEFAULT_VALUE));
        Schema later = Schema.createRecord(own.getName(), null, own.getNamespace(), false, fields);
        GenericData.Record record = new GenericData.Record(later);
        for (Schema.Field field : later.getFields()) {
            record.put(
                    field.pos(),
                    switch (field.schema().getType()) {
                        case STRING -> "x";
                        case BYTES -> ByteBuffer.wrap(new byte[] {0});
                        case INT -> 0;
                        case LONG -> 0L;
                        default -> null;
                    });
        }
        return record;
    }

    private void probes(int count) {
        for (int i = 0; i < count; i++) {
            admission.pass(Duration.ofSeconds(1));
        }
    }

    private long lookupsOf(int schema) {
        return admission.server.requests().stream()
                .filter(request -> request.contains("/schemas/ids/" + schema + "?"))
                .count();
    }

    private static byte[] framed(int schema, byte[] body) {
        return ByteBuffer.allocate(5 + body.length).put((byte) 0).putInt(schema).put(body).array();
    }
}
