package dev.sluice.admission.canary;

import dev.sluice.admission.store.EntryVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Optional;

/**
 * What is counted of a trial, by one admission task or by all of them. Immutable.
 *
 * @param state the latest state that a task has concluded
 * @param changed day of the last change, UTC
 */
public record TrialCounts(
        TrialState state, LocalDate changed, VersionCounts current, VersionCounts canary) {
    /** Nothing is counted yet. */
    public static final TrialCounts NONE =
            new TrialCounts(
                    TrialState.RUNNING, LocalDate.EPOCH, VersionCounts.NONE, VersionCounts.NONE);

    /** Probability that equal versions are ever told apart, on each side. */
    public static final double ERROR = 0.05;

    /** Of each of the two tests: first answers, and dead letters. */
    private static final double ERROR_OF_EACH = ERROR / 2;

    static final int MOST_BYTES = 2 + Integer.BYTES + 2 * VersionCounts.MOST_BYTES;

    /** Adds what another task has counted of the same trial. */
    public TrialCounts plus(TrialCounts other) {
        return new TrialCounts(
                state.compareTo(other.state) < 0 ? other.state : state,
                changed.isBefore(other.changed) ? other.changed : changed,
                current.plus(other.current),
                canary.plus(other.canary));
    }

    TrialCounts with(TrialState state, LocalDate today) {
        return new TrialCounts(state, today, current, canary);
    }

    /**
     * Adds to one of the versions.
     *
     * @param isCanary whether it is the canary
     */
    TrialCounts with(boolean isCanary, VersionCounts counts, LocalDate today) {
        return new TrialCounts(
                state, today, isCanary ? current : counts, isCanary ? counts : canary);
    }

    VersionCounts of(boolean isCanary) {
        return isCanary ? canary : current;
    }

    /**
     * The state that these counts show, and at least the state that was concluded before.
     *
     * @param share probability with which a request or user goes to the canary
     */
    public TrialState concluded(double share) {
        SequentialTest test = new SequentialTest(share, ERROR_OF_EACH);
        TrialState shown = TrialState.RUNNING;
        if (test.isWorse(notFirst(), canary.notFirstUnits())
                || test.isWorse(failed(), canary.failedUnits())) {
            shown = TrialState.STOPPED;
        } else if (test.isBetter(notFirst(), canary.notFirstUnits())
                || test.isBetter(failed(), canary.failedUnits())) {
            shown = TrialState.BETTER;
        }
        return state.compareTo(shown) < 0 ? shown : state;
    }

    /** How many times as often the canary's first answer is not valid. */
    public SequentialTest.Factor notFirstFactor(double share) {
        return new SequentialTest(share, ERROR_OF_EACH).factor(notFirst(), canary.notFirstUnits());
    }

    /** How many times as often the canary's jobs end in a dead letter. */
    public SequentialTest.Factor failedFactor(double share) {
        return new SequentialTest(share, ERROR_OF_EACH).factor(failed(), canary.failedUnits());
    }

    private long notFirst() {
        return current.notFirstUnits() + canary.notFirstUnits();
    }

    private long failed() {
        return current.failedUnits() + canary.failedUnits();
    }

    byte[] bytes() {
        ByteBuffer out = ByteBuffer.allocate(MOST_BYTES);
        writeTo(out);
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    void writeTo(ByteBuffer out) {
        out.put(EntryVersion.CURRENT).put(state.stored()).putInt((int) changed.toEpochDay());
        current.writeTo(out);
        canary.writeTo(out);
    }

    static TrialCounts of(byte[] bytes) {
        return of(EntryVersion.after(bytes));
    }

    /**
     * Reads counts.
     *
     * @param in after the version of the entry
     */
    static TrialCounts of(ByteBuffer in) {
        return new TrialCounts(
                TrialState.of(in.get()),
                LocalDate.ofEpochDay(in.getInt()),
                VersionCounts.of(in),
                VersionCounts.of(in));
    }

    /** The published counts of one task. */
    public record Published(int task, String trial, TrialCounts counts) {}

    /** Reads a record of the topic of trials; empty if it is not one that a task has published. */
    public static Optional<Published> published(byte[] key, byte[] value) {
        if (key.length <= Integer.BYTES) {
            return Optional.empty();
        }
        try {
            ByteBuffer in = ByteBuffer.wrap(key);
            int task = in.getInt();
            String trial = StandardCharsets.UTF_8.decode(in).toString();
            return Optional.of(new Published(task, trial, of(value)));
        } catch (RuntimeException e) {
            // Every failure comes from these bytes; one foreign record must not stop admission.
            return Optional.empty();
        }
    }

    static byte[] publishedKey(int task, String trial) {
        byte[] id = trial.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + id.length).putInt(task).put(id).array();
    }
}
