package dev.sluice.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.DeadLetterKind;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.Priority;
import dev.sluice.contract.Reason;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.SourceReference;
import dev.sluice.contract.Topics;
import dev.sluice.runtime.job.Job;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AdmissionTopologyTest {
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    private static final String MODEL = "gpt-4.1-mini";
    private static final Topics TOPICS = new Topics(Topics.DEFAULT_PREFIX);

    @RegisterExtension
    private final AdmissionDriver admission = AdmissionDriver.open(NOW, Budgets.ofEach(5));

    @Test
    void requestBecomesAJobWithItsReservationAndItsBytes() {
        byte[] bytes = admission.bytes(request("r-1"));

        admission.send("ann".getBytes(StandardCharsets.UTF_8), bytes);

        TestRecord<byte[], byte[]> record = admission.records(TOPICS.jobs(MODEL)).getFirst();
        Job job = admission.job(TOPICS.jobs(MODEL), record);
        assertThat(record.key()).isEqualTo("r-1".getBytes(StandardCharsets.UTF_8));
        assertThat(job.request()).isEqualTo(request("r-1"));
        assertThat(job.admitted().getSource().getValue()).isEqualTo(ByteBuffer.wrap(bytes));
        assertThat(job.reservation().getDay()).isEqualTo("2026-11-23");
        assertThat(job.reservation().getCap()).isPositive();
        assertThat(job.reservation().getReservationId()).hasToString(TOPICS.requests() + "-0@0");
        assertThat(job.reservation().getPrices()).hasSize(1);
    }

    @Test
    void bulkRequestsBecomeJobsOnTheBulkTopic() {
        AnalysisRequest bulk = request("r-1");
        bulk.setPriority(Priority.BULK);

        admission.send(bulk);

        assertThat(admission.records(TOPICS.bulkJobs(MODEL))).hasSize(1);
        assertThat(admission.records(TOPICS.jobs(MODEL))).isEmpty();
    }

    @Test
    void generationComesFromTheHeader() {
        RecordHeaders headers = new RecordHeaders();
        headers.add(HeaderNames.GENERATION, "3".getBytes(StandardCharsets.UTF_8));

        admission.send(new TestRecord<>(null, admission.bytes(request("r-1")), headers, NOW));

        assertThat(admission.jobs().getFirst().generation()).isEqualTo(3);
    }

    @Test
    void unknownAnalysisIsDeniedWithTheConfiguredOnes() {
        AnalysisRequest unknown = request("r-1");
        unknown.setAnalysis("horoscope");

        admission.send(unknown);

        DeadLetter letter = deadLetter();
        assertThat(letter.getReason()).isEqualTo(Reason.UNKNOWN_ANALYSIS);
        assertThat(letter.getKind()).isEqualTo(DeadLetterKind.REFUSED);
        assertThat(letter.getMessage().toString()).contains("seo");
        assertThat(letter.getRequestId()).hasToString("r-1");
    }

    @Test
    void modelWithoutAPriceIsRefused() {
        admission.open(new PriceTable(List.of()), Budgets.ofEach(5), 1);

        admission.send(request("r-1"));

        assertThat(deadLetter().getReason()).isEqualTo(Reason.UNPRICED_MODEL);
    }

    @Test
    void bytesThatAreNotAvroAreKeptInTheDeadLetter() {
        byte[] bytes = {1, 2, 3};

        admission.send("k".getBytes(StandardCharsets.UTF_8), bytes);

        TestRecord<byte[], byte[]> record = admission.records(TOPICS.deadLetters()).getFirst();
        DeadLetter letter = admission.read(record, DeadLetter.class);
        assertThat(letter.getReason()).isEqualTo(Reason.UNDECODABLE);
        assertThat(((SourceRecord) letter.getOriginal()).getValue())
                .isEqualTo(ByteBuffer.wrap(bytes));
        assertThat(record.key()).isEqualTo("k".getBytes(StandardCharsets.UTF_8));
        assertThat(
                        new String(
                                record.headers().lastHeader(HeaderNames.REASON).value(),
                                StandardCharsets.UTF_8))
                .isEqualTo("UNDECODABLE");
    }

    @Test
    void avroThatIsNoRecordIsUndecodableAndStopsNothing() {
        byte[] text = admission.serialized("some-other-topic", (Object) "just text");

        admission.send(null, text);
        admission.send(request("r-2"));

        assertThat(deadLetter().getReason()).isEqualTo(Reason.UNDECODABLE);
        assertThat(admission.records(TOPICS.jobs(MODEL))).hasSize(1);
    }

    @Test
    void recordThatIsNestedDeeperThanAnyStackIsUndecodableAndStopsNothing() {
        Schema nested = Schema.createRecord("N", null, "test", false);
        Schema orNested = Schema.createUnion(Schema.create(Schema.Type.NULL), nested);
        nested.setFields(List.of(new Schema.Field("n", orNested)));
        Schema own = AnalysisRequest.getClassSchema();
        Schema wider = Schema.createRecord(own.getName(), null, own.getNamespace(), false);
        wider.setFields(
                Stream.concat(
                                own.getFields().stream()
                                        .map(field -> new Schema.Field(field, field.schema())),
                                Stream.of(new Schema.Field("n", orNested)))
                        .toList());
        AnalysisRequest request = request("r-1");
        GenericRecord flat = new GenericData.Record(wider);
        own.getFields().forEach(field -> flat.put(field.name(), request.get(field.pos())));
        byte[] bytes = admission.serialized(TOPICS.requests(), flat);
        // The last byte ends the nesting; 100,000 bytes that each open a nested record come before
        // it.
        byte[] deep = Arrays.copyOf(bytes, bytes.length + 100_000);
        Arrays.fill(deep, bytes.length - 1, deep.length - 1, (byte) 2);

        admission.send(null, deep);
        admission.send(request("r-2"));

        assertThat(deadLetter().getReason()).isEqualTo(Reason.UNDECODABLE);
        assertThat(admission.records(TOPICS.jobs(MODEL))).hasSize(1);
    }

    @Test
    void recordThatWasSmallOnlyWhenCompressedBecomesAReference() {
        byte[] bytes = admission.bytes(request("r-1"));
        RecordHeaders headers = new RecordHeaders();
        headers.add("h", new byte[2 << 20]);

        admission.send(new TestRecord<>(null, bytes, headers, NOW));

        DeadLetter letter = deadLetter();
        assertThat(letter.getReason()).isEqualTo(Reason.INPUT_TOO_LARGE);
        assertThat(letter.getOriginal()).isInstanceOf(SourceReference.class);
    }

    @Test
    void deadLetterOfATooLargeRequestHasItsIds() {
        RecordHeaders headers = new RecordHeaders();
        headers.add("h", new byte[2 << 20]);
        headers.add(HeaderNames.GENERATION, "2".getBytes(StandardCharsets.UTF_8));

        admission.send(
                new TestRecord<>(
                        "ann".getBytes(StandardCharsets.UTF_8),
                        admission.bytes(request("r-1")),
                        headers,
                        NOW));

        var record = admission.records(TOPICS.deadLetters()).getFirst();
        assertThat(record.key()).asString(StandardCharsets.UTF_8).isEqualTo("r-1");
        assertThat(record.headers().lastHeader(HeaderNames.DLT_ORIGINAL_OFFSET)).isNotNull();
        DeadLetter letter = admission.read(record, DeadLetter.class);
        assertThat(letter.getRequestId()).hasToString("r-1");
        assertThat(letter.getUserId()).hasToString("ann");
        assertThat(letter.getAnalysis()).hasToString("seo");
        assertThat(letter.getGeneration()).isEqualTo(2);
    }

    @Test
    void deadLetterOfATooLargeUndecodableRecordHasItsKey() {
        admission.send(
                new TestRecord<>(
                        "order-7".getBytes(StandardCharsets.UTF_8),
                        new byte[2 << 20],
                        new RecordHeaders(),
                        NOW));
        byte[] request = admission.bytes(request("r-8"));
        RecordHeaders headers = new RecordHeaders();
        headers.add("h", new byte[2 << 20]);
        admission.server.fail(503);
        admission.send(
                new TestRecord<>(
                        "order-8".getBytes(StandardCharsets.UTF_8), request, headers, NOW));

        assertThat(admission.records(TOPICS.deadLetters()))
                .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
                .containsExactly("order-7", "order-8");
    }

    @Test
    void recordWithATooLargeKeyGetsADeadLetter() {
        admission.send(
                new TestRecord<>(
                        new byte[40 << 20],
                        admission.bytes(request("r-1")),
                        new RecordHeaders(),
                        NOW));

        assertThat(deadLetter().getRequestId()).hasToString("r-1");
    }

    @Test
    void requestPastItsDeadlineIsDenied() {
        AnalysisRequest late = request("r-1");
        late.setDeadline(NOW);

        admission.send(late);

        assertThat(deadLetter().getReason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    }

    @Test
    void requestWithoutATimestampGetsTheTimeOfReceipt() {
        admission.send(
                new TestRecord<>(null, admission.bytes(request("r-1")), Instant.ofEpochMilli(0)));
        AnalysisRequest zero = request("r-2");
        zero.setSubmittedAt(Instant.EPOCH);
        admission.send(zero);
        AnalysisRequest before = request("r-3");
        before.setSubmittedAt(Instant.ofEpochMilli(-1));
        admission.send(before);

        List<TestRecord<byte[], byte[]>> records = admission.records(TOPICS.jobs(MODEL));
        assertThat(records).hasSize(3);
        Job job = admission.job(TOPICS.jobs(MODEL), records.getFirst());
        assertThat(job.admitted().getSource().getTimestamp()).isEqualTo(NOW);
        assertThat(admission.deadLetters()).isEmpty();
    }

    @Test
    void missingAndFutureTimestampsAreReplacedByTheTimeOfReceipt() {
        TimestampExtractor timestamps = new AdmissionTopology.PastTimestamps(() -> NOW);

        assertThat(timestamps.extract(record(-1), 7)).isEqualTo(NOW.toEpochMilli());
        assertThat(timestamps.extract(record(0), 7)).isEqualTo(NOW.toEpochMilli());
        assertThat(timestamps.extract(record(Long.MAX_VALUE), 7)).isEqualTo(NOW.toEpochMilli());
        assertThat(timestamps.extract(record(5), 7)).isEqualTo(5);
    }

    private static ConsumerRecord<Object, Object> record(long timestamp) {
        return new ConsumerRecord<>(
                "t",
                0,
                0,
                timestamp,
                TimestampType.CREATE_TIME,
                0,
                0,
                new byte[0],
                new byte[0],
                new RecordHeaders(),
                Optional.empty());
    }

    @Test
    void deadLetterExplainsADefaultDeadline() {
        AnalysisRequest old = request("r-1");
        old.setSubmittedAt(NOW.minus(Duration.ofDays(2)));
        admission.send(old);
        RecordHeaders headers = new RecordHeaders();
        headers.add(HeaderNames.GENERATION, "1".getBytes(StandardCharsets.UTF_8));
        admission.send(
                new TestRecord<>(
                        null,
                        admission.bytes(request("r-2")),
                        headers,
                        NOW.minus(Duration.ofDays(3))));

        assertThat(admission.deadLetters())
                .extracting(letter -> letter.getMessage().toString())
                .containsExactly(
                        "the deadline was 2026-11-22T10:00:00Z: the request names none, so it is 24"
                                + " hours after its submittedAt; name a deadline to redrive it",
                        "the deadline was 2026-11-21T10:00:00Z: the request names none, so it is 24"
                                + " hours after its record's timestamp; name a deadline to redrive"
                                + " it");
    }

    private static AnalysisRequest request(String id) {
        return AdmissionDriver.request("ann", id);
    }

    private DeadLetter deadLetter() {
        return admission.deadLetters().getFirst();
    }
}
