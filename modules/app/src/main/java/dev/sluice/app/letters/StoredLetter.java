package dev.sluice.app.letters;

import dev.sluice.contract.DeadLetter;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * A dead letter and where it is stored.
 *
 * @param writtenAt the timestamp of its record
 * @param headers name and text of each header of its record
 */
public record StoredLetter(
        int partition, long offset, Instant writtenAt, List<Header> headers, DeadLetter letter) {
    /** A header of a record; bytes that are no text are shown in hexadecimal. */
    public record Header(String name, String value) {}

    public StoredLetter {
        headers = List.copyOf(headers);
    }

    public DeadLetterPlace place() {
        return new DeadLetterPlace(partition, offset);
    }

    public Instant failedAt() {
        return letter.getFailedAt();
    }

    /** What its calls cost and may have cost, in USD. */
    public BigDecimal costUsd() {
        return letter.getCostUsd().add(letter.getUnconfirmedUsd());
    }
}
