package dev.sluice.admission.settle;

import dev.sluice.admission.ledger.BudgetAdditions;
import dev.sluice.admission.ledger.Ledger;
import dev.sluice.admission.ledger.OwnLimits;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.validate.RecordDecoder;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Addition;
import dev.sluice.contract.BudgetChange;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.Ids;
import dev.sluice.contract.SourceRecord;
import dev.sluice.contract.serde.UndecodableException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the records of the budgets topic: own limits of users, and additions to single days. An
 * invalid record is logged and skipped. Not safe for use by several threads.
 */
public final class BudgetChanges {
    private static final Logger log = LoggerFactory.getLogger(BudgetChanges.class);

    /** Latest day of an addition, counted from today; later days are mistakes. */
    public static final int DAYS_AHEAD = 366;

    private final RecordDecoder<BudgetChange> decoder;
    private final Ledger ledger;
    private final BudgetAdditions additions;
    private final Budgets budgets;
    private final SpendPublisher spends;
    private final InstantSource clock;

    /** A valid budget change. */
    public sealed interface Change {
        String user();
    }

    private record Limits(String user, OwnLimits own) implements Change {}

    private record More(String user, LocalDate day, Cost usd, Bytes id) implements Change {}

    public BudgetChanges(
            RecordDecoder<BudgetChange> decoder,
            Ledger ledger,
            BudgetAdditions additions,
            Budgets budgets,
            SpendPublisher spends,
            InstantSource clock) {
        this.decoder = decoder;
        this.ledger = ledger;
        this.additions = additions;
        this.budgets = budgets;
        this.spends = spends;
        this.clock = clock;
    }

    /**
     * Reads a record; empty if it is not a valid budget change.
     *
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached: read it again later
     */
    public Optional<Change> read(SourceRecord source) {
        if (source.getValue() == null && isErasure(source)) {
            return Optional.empty();
        }
        if (source.getValue() == null) {
            return Optional.ofNullable(source.getKey()).flatMap(BudgetChanges::withoutOwnLimits);
        }
        try {
            return Optional.of(read(source, decoder.decode(source)));
        } catch (UndecodableException | IllegalArgumentException e) {
            skip(source, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static boolean isErasure(SourceRecord source) {
        return source.getHeaders().stream()
                .anyMatch(header -> header.getKey().toString().equals(HeaderNames.ERASED));
    }

    /** Logs that a record is skipped. */
    public void skip(SourceRecord source, String reason) {
        log.atError()
                .addKeyValue("partition", source.getPartition())
                .addKeyValue("offset", source.getOffset())
                .addKeyValue("reason", reason)
                .log("record skipped: not a valid budget change");
    }

    /**
     * A record without a value removes the user's own limits. An invalid user id cannot have any.
     */
    private static Optional<Change> withoutOwnLimits(ByteBuffer user) {
        return Ids.text(user)
                .filter(name -> Ids.problem("userId", name).isEmpty())
                .map(name -> new Limits(name, OwnLimits.NONE));
    }

    private Change read(SourceRecord source, BudgetChange change) {
        Ids.problem("userId", change.getUserId())
                .ifPresent(problem -> {
                    throw new IllegalArgumentException(problem);
                });
        String user = change.getUserId().toString();
        if (change.getChange() instanceof Addition addition) {
            LocalDate today = budgets.day(clock.instant());
            LocalDate day = addition.getDay();
            if (day.isBefore(today)) {
                throw new IllegalArgumentException("the day of the addition, " + day + ", is over");
            }
            if (day.isAfter(today.plusDays(DAYS_AHEAD))) {
                throw new IllegalArgumentException(
                        "the day of the addition, "
                                + day
                                + ", is more than "
                                + DAYS_AHEAD
                                + " days ahead");
            }
            return new More(user, day, amount(addition.getUsd()), id(source, user));
        }
        if (change.getChange() instanceof dev.sluice.contract.OwnLimits limits) {
            Optional<Integer> perHour = Optional.ofNullable(limits.getRequestsPerHour());
            if (perHour.filter(number -> number < 1).isPresent()) {
                throw new IllegalArgumentException(
                        "requestsPerHour must be at least 1, was " + perHour.get());
            }
            return new Limits(
                    user,
                    new OwnLimits(
                            Optional.ofNullable(limits.getDailyUsd()).map(BudgetChanges::amount),
                            perHour));
        }
        throw new IllegalArgumentException(
                "this version of admission does not know this kind of change");
    }

    /**
     * The id of an addition: its record key. If that is missing or only the user's id, the record's
     * partition and offset.
     */
    private static Bytes id(SourceRecord source, String user) {
        ByteBuffer key = source.getKey();
        boolean own = key != null && !key.equals(ByteBuffer.wrap(StoreKeys.utf8(user)));
        byte[] id =
                own ? bytes(key) : StoreKeys.utf8(source.getPartition() + "@" + source.getOffset());
        try {
            return Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(id));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static Cost amount(BigDecimal usd) {
        if (usd.signum() < 0 || usd.compareTo(Cost.MOST.usd()) > 0) {
            throw new IllegalArgumentException(
                    "an amount must be from 0 to " + Cost.MOST + " USD, was " + usd);
        }
        return new Cost(usd);
    }

    /** Applies a change, and publishes the user's day. */
    public void apply(Change change) {
        String user = change.user();
        switch (change) {
            case Limits(_, var own) -> {
                LocalDate today = budgets.day(clock.instant());
                Cost daily = own.daily().orElseGet(() -> budgets.of(user));
                spends.publish(user, daily, ledger.account(user).on(today));
                ledger.change(user, own);
            }
            case More(_, var day, var usd, var id) when !additions.contains(user, day, id) -> {
                spends.publish(user, ledger.daily(user), ledger.account(user).on(day).add(usd));
                ledger.add(user, day, usd);
                additions.add(user, day, id);
            }
            case More(_, var day, _, _) ->
                    log.atInfo()
                            .addKeyValue("userId", user)
                            .addKeyValue("day", day)
                            .log("duplicate budget addition ignored");
        }
    }
}
