package dev.sluice.runtime.outcome;

import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.RecordHeader;
import dev.sluice.contract.SourceRecord;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a dead letter is stored in the topic of dead letters. */
public record DeadLetterPlace(int partition, long offset) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,9})@(\\d{1,18})");

    /** Whether a request asks that the answers of its dead letter are judged again. */
    public static boolean isIn(SourceRecord request) {
        return request.getHeaders().stream().anyMatch(DeadLetterPlace::isRejudge);
    }

    /** The dead letter whose answers a request asks to judge again; empty if it names none. */
    public static Optional<DeadLetterPlace> of(SourceRecord request) {
        return request.getHeaders().stream()
                .filter(DeadLetterPlace::isRejudge)
                .reduce((_, last) -> last)
                .map(RecordHeader::getValue)
                .map(value -> StandardCharsets.UTF_8.decode(value.duplicate()).toString())
                .flatMap(DeadLetterPlace::of);
    }

    /** The place that a text such as {@code 3@17} names; empty if it names none. */
    public static Optional<DeadLetterPlace> of(String text) {
        return Optional.of(TEXT.matcher(text))
                .filter(Matcher::matches)
                .map(found ->
                        new DeadLetterPlace(
                                Integer.parseInt(found.group(1)), Long.parseLong(found.group(2))));
    }

    /** The header that asks for a judgement of the answers at this place. */
    public RecordHeader header() {
        return new RecordHeader(
                HeaderNames.REJUDGE, ByteBuffer.wrap(toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static boolean isRejudge(RecordHeader header) {
        return header.getKey().toString().equals(HeaderNames.REJUDGE);
    }

    @Override
    public String toString() {
        return partition + "@" + offset;
    }
}
