package dev.sluice.runtime.outcome;

import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.SourceReference;
import dev.sluice.contract.Topics;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Writes dead letters as records that fit their topic. A dead letter that is too large is shortened
 * in steps: raw answers and violations are shortened, then the original record is replaced by a
 * reference, then raw answers and violations are dropped. Reason and identity are always kept. Safe
 * for use by many threads.
 */
public final class DeadLetterWriter {
    private static final int SHORT_ANSWER_CHARACTERS = 16_000;
    private static final int SHORT_VIOLATIONS = 100;

    /**
     * Largest key that is kept. Keys are ids; a larger one may itself be what makes the record too
     * large.
     */
    private static final int MAX_KEY_BYTES = 64 << 10;

    private final String topic;
    private final ConfluentAvroSerializer<Object> serializer;
    private final int maxBytes;
    private final DeadLetterContent content;

    /**
     * @param maxBytes largest value of a record
     * @param content what dead letters keep of the content that they are about
     */
    public DeadLetterWriter(
            Topics topics,
            ConfluentAvroSerializer<Object> serializer,
            int maxBytes,
            DeadLetterContent content) {
        this.topic = topics.deadLetters();
        this.serializer = serializer;
        this.maxBytes = maxBytes;
        this.content = content;
    }

    /**
     * The record of a dead letter. Its key is the requestId, or the original record's key if there
     * is no requestId.
     *
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached
     */
    public ProducerRecord<byte[], byte[]> record(DeadLetter letter) {
        RecordHeaders headers = headers(letter);
        return new ProducerRecord<>(topic, null, key(letter), fitting(content.of(letter)), headers);
    }

    /**
     * The record of a dead letter with a reference to its original record in place of the record. A
     * key of more than {@value #MAX_KEY_BYTES} bytes is left out.
     */
    public ProducerRecord<byte[], byte[]> referring(DeadLetter letter) {
        DeadLetter.Builder smaller = DeadLetter.newBuilder(letter);
        RecordHeaders headers = ownHeaders(letter);
        if (letter.getOriginal() instanceof SourceRecord original) {
            smaller.setOriginal(reference(original));
            addOrigin(headers, original);
        }
        byte @Nullable [] key = key(letter);
        return new ProducerRecord<>(
                topic,
                null,
                key != null && key.length <= MAX_KEY_BYTES ? key : null,
                serialized(smaller.build()),
                headers);
    }

    private byte[] fitting(DeadLetter letter) {
        byte[] bytes = serialized(letter);
        if (bytes.length <= maxBytes) {
            return bytes;
        }
        DeadLetter.Builder smaller = DeadLetter.newBuilder(letter);
        smaller.setRawAnswers(
                letter.getRawAnswers().stream().map(DeadLetterWriter::shortened).toList());
        smaller.setViolations(letter.getViolations().stream().limit(SHORT_VIOLATIONS).toList());
        bytes = serialized(smaller.build());
        if (bytes.length <= maxBytes) {
            return bytes;
        }
        if (letter.getOriginal() instanceof SourceRecord original) {
            smaller.setOriginal(reference(original));
        }
        bytes = serialized(smaller.build());
        if (bytes.length <= maxBytes) {
            return bytes;
        }
        return serialized(smaller.setRawAnswers(List.of()).setViolations(List.of()).build());
    }

    private byte[] serialized(DeadLetter letter) {
        byte[] bytes = serializer.serialize(topic, letter);
        if (bytes == null) {
            throw new IllegalStateException("a dead letter is never null");
        }
        return bytes;
    }

    private static CharSequence shortened(CharSequence answer) {
        String text = answer.toString();
        return text.codePointCount(0, text.length()) <= SHORT_ANSWER_CHARACTERS
                ? text
                : text.substring(0, text.offsetByCodePoints(0, SHORT_ANSWER_CHARACTERS));
    }

    /**
     * A reference to a record: its topic, partition, offset and size, and the SHA-256 of its value.
     */
    public static SourceReference reference(SourceRecord original) {
        @Nullable ByteBuffer value = original.getValue();
        return SourceReference.newBuilder()
                .setTopic(original.getTopic())
                .setPartition(original.getPartition())
                .setOffset(original.getOffset())
                .setSha256(sha256(value))
                .setSize(value == null ? 0 : value.remaining())
                .build();
    }

    static String sha256(@Nullable ByteBuffer bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            if (bytes != null) {
                digest.update(bytes.duplicate());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static byte @Nullable [] key(DeadLetter letter) {
        if (letter.getRequestId() != null) {
            return utf8(letter.getRequestId().toString());
        }
        if (letter.getOriginal() instanceof SourceRecord original && original.getKey() != null) {
            byte[] key = new byte[original.getKey().remaining()];
            original.getKey().duplicate().get(key);
            return key;
        }
        return null;
    }

    private static RecordHeaders headers(DeadLetter letter) {
        RecordHeaders headers =
                letter.getOriginal() instanceof SourceRecord request
                        ? TraceContext.of(request)
                        : new RecordHeaders();
        ownHeaders(letter).forEach(headers::add);
        if (letter.getOriginal() instanceof SourceRecord original) {
            addOrigin(headers, original);
        }
        return headers;
    }

    private static RecordHeaders ownHeaders(DeadLetter letter) {
        RecordHeaders headers = new RecordHeaders();
        headers.add(HeaderNames.REASON, utf8(letter.getReason().name()));
        headers.add(HeaderNames.DLT_EXCEPTION_MESSAGE, utf8(letter.getMessage().toString()));
        return headers;
    }

    /**
     * Adds the headers with the record's origin. Numbers are big-endian binary, as the tools that
     * read these headers expect.
     */
    private static void addOrigin(Headers headers, SourceRecord original) {
        headers.add(HeaderNames.DLT_ORIGINAL_TOPIC, utf8(original.getTopic().toString()));
        headers.add(
                HeaderNames.DLT_ORIGINAL_PARTITION,
                ByteBuffer.allocate(Integer.BYTES).putInt(original.getPartition()).array());
        headers.add(
                HeaderNames.DLT_ORIGINAL_OFFSET,
                ByteBuffer.allocate(Long.BYTES).putLong(original.getOffset()).array());
        if (original.getTimestamp() != null) {
            headers.add(
                    HeaderNames.DLT_ORIGINAL_TIMESTAMP,
                    ByteBuffer.allocate(Long.BYTES)
                            .putLong(original.getTimestamp().toEpochMilli())
                            .array());
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
