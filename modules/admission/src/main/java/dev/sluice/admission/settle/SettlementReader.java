package dev.sluice.admission.settle;

import dev.sluice.admission.validate.Ids;
import dev.sluice.admission.validate.RecordDecoder;
import dev.sluice.admission.validate.UnknownSchemaException;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.contract.serde.UndecodableException;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads settlements. One that is none is said in the log and passed over. */
public final class SettlementReader {
    private static final Logger log = LoggerFactory.getLogger(SettlementReader.class);

    /** Digits of an amount, of which nine are after the point. */
    private static final int PRECISION = 18;

    private final RecordDecoder<Settlement> decoder;
    private final InstantSource clock;

    public SettlementReader(
            ConfluentAvroDeserializer<Settlement> deserializer, InstantSource clock) {
        this.decoder = new RecordDecoder<>(deserializer);
        this.clock = clock;
    }

    /**
     * Reads one; empty if it is none.
     *
     * @throws RegistryUnavailableException while the registry cannot be reached: read again later
     * @throws UnknownSchemaException if the registry does not know its schema
     */
    public Optional<Settlement> read(SourceRecord record) {
        try {
            return Optional.of(decoder.decode(record))
                    .filter(settlement -> isSound(settlement, record));
        } catch (UndecodableException e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("partition", record.getPartition())
                    .addKeyValue("offset", record.getOffset())
                    .log("not a settlement; it is passed over");
            return Optional.empty();
        }
    }

    /** Amounts that can be booked for somebody, to a day that has begun somewhere. */
    private boolean isSound(Settlement settlement, SourceRecord record) {
        LocalDate latest = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).plusDays(1);
        boolean valid =
                isAmount(settlement.getSpentUsd())
                        && isAmount(settlement.getUnconfirmedUsd())
                        && Ids.problem("userId", settlement.getUserId()).isEmpty()
                        && Ids.problem("requestId", settlement.getRequestId()).isEmpty()
                        && !settlement.getDay().isAfter(latest);
        if (!valid) {
            log.atError()
                    .addKeyValue("partition", record.getPartition())
                    .addKeyValue("offset", record.getOffset())
                    .log(
                            "a settlement that cannot be: its ids, its amounts or its day; it is passed over");
        }
        return valid;
    }

    private static boolean isAmount(BigDecimal usd) {
        return usd.signum() >= 0 && usd.precision() <= PRECISION;
    }
}
