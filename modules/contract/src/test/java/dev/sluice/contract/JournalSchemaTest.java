package dev.sluice.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.serde.TrustedRecords;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Journal entries that workers wrote before their fields had the names of today. */
class JournalSchemaTest {
    @BeforeAll
    static void trustRecords() {
        TrustedRecords.install();
    }

    @Test
    void entryOfAnOlderWorkerIsRead() throws IOException {
        Attempt read = read(older("STARTED"));

        assertThat(read.getPhase()).isEqualTo(AttemptPhase.STARTED);
        assertThat(read.getPriority()).isEqualTo(Priority.BULK);
        assertThat(read.getAssignment().toString()).isEqualTo("a1");
        assertThat(read.getJobOffset()).isEqualTo(7);
    }

    @Test
    void phaseThatHasAnotherNameReadsAsUnknown() throws IOException {
        assertThat(read(older("TAKEN_UP")).getPhase()).isEqualTo(AttemptPhase.UNKNOWN);
    }

    @Test
    void registriesTakeTheSchemaAfterTheOlderOne() {
        assertThat(
                        SchemaCompatibility.checkReaderWriterCompatibility(
                                        Attempt.getClassSchema(), olderSchema())
                                .getType())
                .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }

    private static Schema olderSchema() {
        return new Schema.Parser()
                .parse(
                        Attempt.getClassSchema()
                                .toString()
                                .replace("JOB_STARTED", "TAKEN_UP")
                                .replace("JOB_STOPPED", "LAID_DOWN")
                                .replace("\"name\":\"Priority\"", "\"name\":\"Lane\"")
                                .replace("\"name\":\"priority\"", "\"name\":\"lane\"")
                                .replace("\"name\":\"assignment\"", "\"name\":\"tenure\"")
                                .replaceAll(",\"aliases\":\\[[^]]*]", ""));
    }

    private static GenericRecord older(String phase) {
        Schema schema = olderSchema();
        GenericRecord entry = new GenericData.Record(schema);
        entry.put("phase", symbol(schema, "phase", phase));
        entry.put("lane", symbol(schema, "lane", "BULK"));
        entry.put("jobOffset", 7L);
        entry.put("tenure", "a1");
        entry.put("workerId", "w");
        entry.put("alone", false);
        return entry;
    }

    private static GenericData.EnumSymbol symbol(Schema schema, String field, String name) {
        return new GenericData.EnumSymbol(schema.getField(field).schema(), name);
    }

    private static Attempt read(GenericRecord entry) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(entry.getSchema()).write(entry, encoder);
        encoder.flush();
        return new SpecificDatumReader<Attempt>(entry.getSchema(), Attempt.getClassSchema())
                .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
    }
}
