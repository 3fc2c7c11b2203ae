package dev.sluice.contract.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.devkit.EmbeddedRegistry;
import java.time.Instant;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Timestamps that a writer stores in its own units. */
class TimestampUnitsTest {
    private static final Instant DEADLINE = Instant.parse("2026-11-29T10:20:30.123Z");
    private static final String MILLIS = "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}";

    private final EmbeddedRegistry registry = EmbeddedRegistry.start();

    @BeforeEach
    void trustRecords() {
        TrustedRecords.install();
    }

    @AfterEach
    void stopRegistry() {
        registry.close();
    }

    @Test
    void millisecondsAreNotConverted() {
        assertThat(read("long", "timestamp-millis", DEADLINE.toEpochMilli()).getDeadline())
                .isEqualTo(DEADLINE);
        assertThat(read("long", "local-timestamp-millis", DEADLINE.toEpochMilli()).getDeadline())
                .isEqualTo(DEADLINE);
    }

    @Test
    void microsecondsAreConverted() {
        long micros = DEADLINE.toEpochMilli() * 1_000 + 999;

        assertThat(read("long", "timestamp-micros", micros).getDeadline()).isEqualTo(DEADLINE);
        assertThat(read("long", "local-timestamp-micros", micros).getDeadline())
                .isEqualTo(DEADLINE);
    }

    @Test
    void nanosecondsAreConverted() {
        long nanos = DEADLINE.toEpochMilli() * 1_000_000 + 999;

        AnalysisRequest request = read("long", "timestamp-nanos", nanos);

        assertThat(request.getDeadline()).isEqualTo(DEADLINE);
        assertThat(request.getSubmittedAt()).isNull();
    }

    @Test
    void timesBeforeTheEpochAreRoundedDownAsWell() {
        assertThat(read("long", "timestamp-micros", -1L).getDeadline())
                .isEqualTo(Instant.ofEpochMilli(-1));
        assertThat(read("long", "timestamp-nanos", Long.MIN_VALUE).getDeadline())
                .isBefore(Instant.EPOCH);
    }

    @Test
    void fieldThatIsNotATimestampIsNamed() {
        assertThatThrownBy(() -> read("int", "date", 20_786))
                .isInstanceOf(UndecodableException.class)
                .hasMessage(
                        "deadline is written as date, which is not a timestamp; write it as"
                                + " timestamp-millis, timestamp-micros or timestamp-nanos");
        assertThatThrownBy(() -> read("long", "time-micros", 20_786L))
                .hasMessageContaining("deadline is written as time-micros");
    }

    @Test
    void otherFieldsAreUnchanged() {
        Utf8 broken = new Utf8(new byte[] {'a', (byte) 0xE9});
        GenericData.Record record = record("long", "timestamp-micros", 5_000L);
        record.put("content", broken);
        record.put("attributes", Map.of("tenant", "blue"));

        AnalysisRequest read = read(record);

        assertThat(((Utf8) read.getContent()).getBytes()).startsWith('a', 0xE9);
        assertThat(read.getAttributes()).hasSize(1);
        assertThat(read.getUserId()).hasToString("ann");
    }

    private AnalysisRequest read(String type, String logicalType, Object deadline) {
        return read(record(type, logicalType, deadline));
    }

    /** A record of a writer whose schema has the deadline in this type. */
    private static GenericData.Record record(String type, String logicalType, Object deadline) {
        String own = AnalysisRequest.getClassSchema().toString();
        int at = own.indexOf(MILLIS, own.indexOf("\"deadline\""));
        String text =
                own.substring(0, at)
                        + "{\"type\":\"%s\",\"logicalType\":\"%s\"}".formatted(type, logicalType)
                        + own.substring(at + MILLIS.length());
        GenericData.Record record = new GenericData.Record(new Schema.Parser().parse(text));
        AnalysisRequest request =
                AnalysisRequest.newBuilder()
                        .setRequestId("r")
                        .setUserId("ann")
                        .setAnalysis("seo")
                        .setContent("text")
                        .build();
        for (Schema.Field field : record.getSchema().getFields()) {
            Object value = request.get(field.pos());
            record.put(
                    field.pos(),
                    value instanceof Enum<?> symbol
                            ? new GenericData.EnumSymbol(field.schema(), symbol.name())
                            : value);
        }
        record.put("deadline", deadline);
        return record;
    }

    private AnalysisRequest read(GenericData.Record record) {
        Map<String, Object> settings =
                Map.of(
                        "schema.registry.url",
                        registry.url(),
                        "specific.avro.reader",
                        true,
                        "specific.avro.value.type",
                        AnalysisRequest.class.getName());
        ConfluentAvroSerializer<Object> serializer = new ConfluentAvroSerializer<>();
        serializer.configure(settings, false);
        ConfluentAvroDeserializer<AnalysisRequest> deserializer = new ConfluentAvroDeserializer<>();
        deserializer.configure(settings, false);
        String topic = "of-" + record.getSchema().hashCode();
        return deserializer.deserialize(topic, serializer.serialize(topic, record));
    }
}
