package dev.sluice.runtime.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.DeadLetterKind;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.Reason;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.SourceReference;
import dev.sluice.contract.Topics;
import dev.sluice.contract.Violation;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.outcome.DeadLetterContent.Original;
import dev.sluice.runtime.outcome.DeadLetterContent.RawAnswers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeadLetterWriterTest {
    private static final int MAX_BYTES = 100_000;

    private EmbeddedRegistry server;
    private KafkaConnection connection;
    private SchemaRegistry registry;

    @BeforeEach
    void start() {
        server = EmbeddedRegistry.start();
        connection =
                new KafkaConnection(
                        Map.of(),
                        Map.of("schema.registry.url", server.url()),
                        new Topics(Topics.DEFAULT_PREFIX),
                        MAX_BYTES / 4);
        registry = connection.openRegistry();
    }

    @AfterEach
    void stop() {
        registry.close();
        server.close();
    }

    @Test
    void deadLetterThatFitsIsComplete() {
        DeadLetter read = read(write(letter(1_000, 100)));

        assertThat(read.getRawAnswers()).hasSize(2);
        assertThat(((SourceRecord) read.getOriginal()).getValue().remaining()).isEqualTo(1_000);
    }

    @Test
    void longAnswersAreShortenedFirst() {
        DeadLetter read = read(write(letter(10_000, 80_000)));

        assertThat(read.getRawAnswers()).allMatch(answer -> answer.length() == 16_000);
        assertThat(read.getOriginal()).isInstanceOf(SourceRecord.class);
    }

    @Test
    void hugeOriginalBecomesAReferenceWithItsHash() {
        DeadLetter read = read(write(letter(500_000, 100)));

        assertThat(read.getOriginal())
                .isInstanceOfSatisfying(
                        SourceReference.class,
                        reference -> {
                            assertThat(reference.getSize()).isEqualTo(500_000);
                            assertThat(reference.getSha256()).hasSize(64);
                            assertThat(reference.getOffset()).isEqualTo(7);
                        });
        assertThat(read.getReason()).isEqualTo(Reason.INVALID_OUTPUT);
    }

    @Test
    void anyDeadLetterFits() {
        DeadLetter huge =
                DeadLetter.newBuilder(letter(5_000_000, 16_000))
                        .setRawAnswers(Collections.nCopies(50, "é".repeat(50_000)))
                        .setViolations(
                                Collections.nCopies(
                                        5_000,
                                        Violation.newBuilder()
                                                .setRule("r")
                                                .setMessage("m".repeat(2_000))
                                                .build()))
                        .build();

        ProducerRecord<byte[], byte[]> record = write(huge);

        assertThat(record.value().length).isLessThanOrEqualTo(MAX_BYTES);
        assertThat(read(record).getRequestId()).hasToString("r-1");
    }

    @Test
    void answersAreHashedOrDroppedAndSoAreTheMessagesThatQuoteThem() {
        DeadLetter whole =
                DeadLetter.newBuilder(letter(10, 3))
                        .setViolations(
                                List.of(
                                        Violation.newBuilder()
                                                .setPath("/title")
                                                .setRule("enum")
                                                .setMessage("'Ann Smith' is not allowed")
                                                .build()))
                        .build();
        String answer = whole.getRawAnswers().getFirst().toString();

        DeadLetter hashed = read(write(whole, kept(RawAnswers.HASH, Original.KEEP)));
        DeadLetter dropped = read(write(whole, kept(RawAnswers.DROP, Original.KEEP)));

        assertThat(hashed.getRawAnswers())
                .hasSameSizeAs(whole.getRawAnswers())
                .allMatch(kept ->
                        kept.toString()
                                .matches("sha256:[0-9a-f]{64}, " + answer.length() + " bytes"));
        assertThat(dropped.getRawAnswers()).isEmpty();
        assertThat(List.of(hashed, dropped))
                .allMatch(letter -> letter.getOriginal() instanceof SourceRecord)
                .flatExtracting(DeadLetter::getViolations)
                .allMatch(violation -> violation.getMessage().isEmpty())
                .allMatch(violation -> violation.getPath().toString().equals("/title"));
    }

    @Test
    void originalIsReplacedByAReferenceAndTheHeadersStay() {
        DeadLetter whole = letter(10, 3);

        ProducerRecord<byte[], byte[]> record =
                write(whole, kept(RawAnswers.KEEP, Original.REFERENCE));

        assertThat(read(record).getOriginal())
                .isEqualTo(DeadLetterWriter.reference((SourceRecord) whole.getOriginal()));
        assertThat(read(record).getRawAnswers()).isEqualTo(whole.getRawAnswers());
        assertThat(record.headers()).isEqualTo(write(whole).headers());
        assertThat(record.key()).isEqualTo(write(whole).key());
    }

    private static DeadLetterContent kept(RawAnswers answers, Original original) {
        return new DeadLetterContent(answers, original);
    }

    @Test
    void headersAreReadableByExistingTools() {
        ProducerRecord<byte[], byte[]> record = write(letter(10, 10));

        assertThat(new String(header(record, HeaderNames.REASON), StandardCharsets.UTF_8))
                .isEqualTo("INVALID_OUTPUT");
        assertThat(
                        new String(
                                header(record, HeaderNames.DLT_ORIGINAL_TOPIC),
                                StandardCharsets.UTF_8))
                .isEqualTo("requests");
        assertThat(ByteBuffer.wrap(header(record, HeaderNames.DLT_ORIGINAL_OFFSET)).getLong())
                .isEqualTo(7);
        assertThat(record.key()).isEqualTo("r-1".getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void everyReasonHasAKind(Reason reason) {
        assertThat(Reasons.kind(reason)).isNotEqualTo(DeadLetterKind.UNKNOWN);
    }

    private static DeadLetter letter(int originalBytes, int answerCharacters) {
        return DeadLetter.newBuilder()
                .setRequestId("r-1")
                .setUserId("ann")
                .setAnalysis("seo")
                .setReason(Reason.INVALID_OUTPUT)
                .setMessage("the answer is invalid in 1 place")
                .setRawAnswers(Collections.nCopies(2, "x".repeat(answerCharacters)))
                .setOriginal(
                        SourceRecord.newBuilder()
                                .setTopic("requests")
                                .setPartition(3)
                                .setOffset(7)
                                .setKey(null)
                                .setValue(ByteBuffer.allocate(originalBytes))
                                .setTimestamp(null)
                                .setHeaders(List.of())
                                .build())
                .build();
    }

    private ProducerRecord<byte[], byte[]> write(DeadLetter letter) {
        return write(letter, DeadLetterContent.WHOLE);
    }

    private ProducerRecord<byte[], byte[]> write(DeadLetter letter, DeadLetterContent content) {
        return new DeadLetterWriter(
                        connection.topics(), connection.serializer(registry), MAX_BYTES, content)
                .record(letter);
    }

    private DeadLetter read(ProducerRecord<byte[], byte[]> record) {
        return connection
                .deserializer(registry, DeadLetter.class)
                .deserialize(record.topic(), record.value());
    }

    private static byte[] header(ProducerRecord<byte[], byte[]> record, String name) {
        return record.headers().lastHeader(name).value();
    }
}
