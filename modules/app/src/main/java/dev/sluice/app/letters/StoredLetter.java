package dev.sluice.app.letters;

import dev.sluice.contract.DeadLetter;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter and where it is stored.
 *
 * @param headers name and text of each header of its record
 */
public record StoredLetter(int partition, long offset, List<Header> headers, DeadLetter letter) {
    /** A header of a record; bytes that are no text are shown in hexadecimal. */
    public record Header(String name, String value) {}

    public StoredLetter {
        headers = List.copyOf(headers);
    }

    public Instant failedAt() {
        return letter.getFailedAt();
    }

    /** What its calls cost and may have cost, in USD. */
    public BigDecimal costUsd() {
        return letter.getCostUsd().add(letter.getUnconfirmedUsd());
    }

    /** A field's text; empty if the letter has none. */
    static Optional<String> text(@Nullable CharSequence field) {
        return Optional.ofNullable(field)
                .map(CharSequence::toString)
                .filter(text -> !text.isEmpty());
    }
}
