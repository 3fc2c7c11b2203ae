package dev.sluice.admission.settle;

import dev.sluice.admission.validate.RecordDecoder;
import dev.sluice.admission.validate.UnknownSchemaException;
import dev.sluice.contract.Ids;
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

/** Reads settlements. A record that is not a valid settlement is logged and skipped. */
public final class SettlementReader {
    private static final Logger log = LoggerFactory.getLogger(SettlementReader.class);

    /** Most digits of an amount, nine of them after the decimal point. */
    private static final int PRECISION = 18;

    private final RecordDecoder<Settlement> decoder;
    private final InstantSource clock;

    public SettlementReader(
            ConfluentAvroDeserializer<Settlement> deserializer, InstantSource clock) {
        this.decoder = new RecordDecoder<>(deserializer);
        this.clock = clock;
    }

    /**
     * Reads a settlement; empty if the record is not a valid one.
     *
     * @throws RegistryUnavailableException while the registry cannot be reached: read again later
     * @throws UnknownSchemaException if the registry does not know its schema
     */
    public Optional<Settlement> read(SourceRecord record) {
        try {
            return Optional.of(decoder.decode(record))
                    .filter(settlement -> isValid(settlement, record));
        } catch (UndecodableException e) {
            log.atError()
                    .setCause(e)
                    .addKeyValue("partition", record.getPartition())
                    .addKeyValue("offset", record.getOffset())
                    .log("record skipped: not a settlement");
            return Optional.empty();
        }
    }

    /** Whether the amounts and ids are valid and the day has begun in some time zone. */
    private boolean isValid(Settlement settlement, SourceRecord record) {
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
                    .log("settlement skipped: its ids, its amounts or its day are not valid");
        }
        return valid;
    }

    private static boolean isAmount(BigDecimal usd) {
        return usd.signum() >= 0 && usd.precision() <= PRECISION;
    }
}
