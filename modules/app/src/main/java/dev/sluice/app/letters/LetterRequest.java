package dev.sluice.app.letters;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.SourceReference;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.runtime.kafka.RegistryOutage;
import java.nio.ByteBuffer;

/** The request of a dead letter, as far as the letter has it. */
public sealed interface LetterRequest {
    /** Where the request's record was read. */
    String place();

    /** A request that can be read. */
    record Decoded(String place, AnalysisRequest request) implements LetterRequest {
        public String content() {
            return request.getContent().toString();
        }
    }

    /** A record that is no request, or that the letter does not have. */
    record Unreadable(String place, String why) implements LetterRequest {}

    /** The request of a dead letter. */
    static LetterRequest of(
            DeadLetter letter, ConfluentAvroDeserializer<AnalysisRequest> requests) {
        return switch (letter.getOriginal()) {
            case SourceRecord original -> decoded(original, requests);
            case SourceReference reference ->
                    new Unreadable(
                            place(
                                    reference.getTopic(),
                                    reference.getPartition(),
                                    reference.getOffset()),
                            "%,d bytes, of which the dead letter has only the place; read them there"
                                    .formatted(reference.getSize()));
            case null, default -> new Unreadable("unknown", "the dead letter has no request");
        };
    }

    private static LetterRequest decoded(
            SourceRecord original, ConfluentAvroDeserializer<AnalysisRequest> requests) {
        String place = place(original.getTopic(), original.getPartition(), original.getOffset());
        ByteBuffer value = original.getValue();
        if (value == null) {
            return new Unreadable(place, "the record has no value");
        }
        byte[] bytes = new byte[value.remaining()];
        value.duplicate().get(bytes);
        try {
            AnalysisRequest request = requests.deserialize(original.getTopic().toString(), bytes);
            return request == null
                    ? new Unreadable(place, "the record has no value")
                    : new Decoded(place, request);
        } catch (RuntimeException e) {
            if (RegistryOutage.is(e)) {
                throw e;
            }
            // Whatever the bytes are: a page about them is what was asked for.
            return new Unreadable(
                    place,
                    "%,d bytes that are no request: %s".formatted(bytes.length, e.getMessage()));
        }
    }

    private static String place(CharSequence topic, int partition, long offset) {
        return topic + ", partition " + partition + ", offset " + offset;
    }
}
