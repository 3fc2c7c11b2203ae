package dev.sluice.admission.canary;

import dev.sluice.admission.store.EntryVersion;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Validity;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Iterator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one admission task has counted of a trial, in its state. Failures are tested in the order in
 * which their jobs were admitted, and not in the order in which these end: the faster version's
 * failures would come first. So they are collected by cohort, and a cohort is added to what is
 * tested when all before it are. Not safe for use by several threads.
 */
final class OwnCounts {
    private TrialCounts counts;

    /** In the order of admission. */
    private final SortedMap<Long, Cohort> open;

    private OwnCounts(TrialCounts counts, SortedMap<Long, Cohort> open) {
        this.counts = counts;
        this.open = open;
    }

    static OwnCounts none() {
        return new OwnCounts(TrialCounts.NONE, new TreeMap<>());
    }

    /** What is published. */
    TrialCounts counts() {
        return counts;
    }

    void reached(TrialState state, Instant now) {
        counts = counts.with(state, day(now));
    }

    /**
     * Counts a request that became a job.
     *
     * @param number of its cohort
     */
    void admitted(long number, boolean isCanary, Instant now) {
        Cohort cohort = open.getOrDefault(number, Cohort.NONE);
        open.put(number, cohort.with(isCanary, cohort.of(isCanary).plusAdmitted()));
        counts = counts.with(isCanary, counts.of(isCanary).plusAdmitted(), day(now));
    }

    /**
     * Counts a job that has ended.
     *
     * @param number of its cohort; a job of a closed one was counted as failed
     * @param isNewNotFirst whether it is the first of its request or user that was not valid at
     *     once
     * @param isNewFailed likewise for a failure
     */
    void ended(long number, boolean isCanary, boolean isNewNotFirst, boolean isNewFailed) {
        Cohort cohort = open.get(number);
        if (cohort != null) {
            open.put(
                    number,
                    cohort.with(
                            isCanary, cohort.of(isCanary).plusEnded(isNewNotFirst, isNewFailed)));
        }
    }

    /** Adds a job to the figures of its version. */
    void judged(boolean isCanary, Validity validity, Cost cost, Duration time, Instant now) {
        counts =
                counts.with(
                        isCanary, counts.of(isCanary).plusEnded(validity, cost, time), day(now));
    }

    /**
     * Adds the closed cohorts to what is tested, up to the first that is not closed.
     *
     * @return whether there was one
     */
    boolean close(Instant now) {
        boolean isChanged = false;
        Iterator<Map.Entry<Long, Cohort>> oldest = open.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<Long, Cohort> cohort = oldest.next();
            if (!cohort.getValue().isClosed(cohort.getKey(), now)) {
                break;
            }
            for (boolean isCanary : new boolean[] {false, true}) {
                VersionCounts version = counts.of(isCanary);
                counts =
                        counts.with(
                                isCanary,
                                version.plusTested(cohort.getValue().of(isCanary)),
                                day(now));
            }
            oldest.remove();
            isChanged = true;
        }
        return isChanged;
    }

    private static LocalDate day(Instant now) {
        return LocalDate.ofInstant(now, ZoneOffset.UTC);
    }

    byte[] bytes() {
        ByteBuffer out =
                ByteBuffer.allocate(
                        TrialCounts.MOST_BYTES + open.size() * (Long.BYTES + Cohort.MOST_BYTES));
        counts.writeTo(out);
        open.forEach((number, cohort) -> {
            out.putLong(number);
            cohort.writeTo(out);
        });
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    static OwnCounts of(byte[] bytes) {
        ByteBuffer in = EntryVersion.after(bytes);
        TrialCounts counts = TrialCounts.of(in);
        SortedMap<Long, Cohort> open = new TreeMap<>();
        while (in.hasRemaining()) {
            open.put(in.getLong(), Cohort.of(in));
        }
        return new OwnCounts(counts, open);
    }
}
