package dev.sluice.admission.settle;

import dev.sluice.admission.ledger.BudgetAdditions;
import dev.sluice.admission.ledger.Ledger;
import dev.sluice.admission.ledger.OwnLimits;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.admission.validate.Ids;
import dev.sluice.admission.validate.RecordDecoder;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Addition;
import dev.sluice.contract.BudgetChange;
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

/** Changes what users may do, as the budgets topic says. What cannot be is said and passed over. */
public final class BudgetChanges {
    private static final Logger log = LoggerFactory.getLogger(BudgetChanges.class);

    /** BudgetAdditions to days further ahead are mistakes. */
    public static final int DAYS_AHEAD = 366;

    private final RecordDecoder<BudgetChange> decoder;
    private final Ledger ledger;
    private final BudgetAdditions additions;
    private final Budgets budgets;
    private final SpendPublisher spends;
    private final InstantSource clock;

    /** What changes for a user. */
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
     * What a record says; empty if nothing that can be.
     *
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached: read it again later
     */
    public Optional<Change> read(SourceRecord source) {
        if (source.getValue() == null) {
            return Optional.ofNullable(source.getKey()).flatMap(BudgetChanges::takenBack);
        }
        try {
            return Optional.of(read(source, decoder.decode(source)));
        } catch (UndecodableException | IllegalArgumentException e) {
            passOver(source, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /** Says that a record changes nothing. */
    public void passOver(SourceRecord source, String reason) {
        log.atError()
                .addKeyValue("partition", source.getPartition())
                .addKeyValue("offset", source.getOffset())
                .addKeyValue("reason", reason)
                .log("not a change of a budget; it is passed over");
    }

    /** Whoever cannot be a user has no limits to take back. */
    private static Optional<Change> takenBack(ByteBuffer user) {
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
                throw new IllegalArgumentException("an addition to " + day + ", which is over");
            }
            if (day.isAfter(today.plusDays(DAYS_AHEAD))) {
                throw new IllegalArgumentException("an addition to " + day);
            }
            return new More(user, day, amount(addition.getUsd()), id(source, user));
        }
        if (change.getChange() instanceof dev.sluice.contract.OwnLimits limits) {
            Optional<Integer> perHour = Optional.ofNullable(limits.getRequestsPerHour());
            if (perHour.filter(number -> number < 1).isPresent()) {
                throw new IllegalArgumentException("requests per hour of " + perHour.get());
            }
            return new Limits(
                    user,
                    new OwnLimits(
                            Optional.ofNullable(limits.getDailyUsd()).map(BudgetChanges::amount),
                            perHour));
        }
        throw new IllegalArgumentException("a change of a kind that is not known here");
    }

    /**
     * BudgetAdditions are keyed by an id of their own; one that is not is told by where it was
     * read.
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
            throw new IllegalArgumentException("an amount of " + usd);
        }
        return new Cost(usd);
    }

    /** Makes it so, and tells the user's day. */
    public void make(Change change) {
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
                            .log("an addition to a budget was read again and counts once");
        }
    }
}
