package dev.sluice.app.redrive;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which requests are redriven, and which are not. */
public final class RedrivePlan {
    private final Instant madeAt;
    private final List<Candidate> chosen;
    private final Map<String, Long> left;
    private final BigDecimal estimatedUsd;
    private final BigDecimal worstUsd;

    /**
     * @param chosen the dead letters whose requests are redriven, the oldest first
     * @param left number of dead letters that are not redriven, by why
     * @param estimatedUsd what the redriven requests are expected to cost
     * @param worstUsd the most that they can cost
     */
    RedrivePlan(
            Instant madeAt,
            List<Candidate> chosen,
            Map<String, Long> left,
            BigDecimal estimatedUsd,
            BigDecimal worstUsd) {
        this.madeAt = madeAt;
        this.chosen = List.copyOf(chosen);
        this.left = new TreeMap<>(left);
        this.estimatedUsd = estimatedUsd;
        this.worstUsd = worstUsd;
    }

    /** Number of requests that are redriven. */
    public int size() {
        return chosen.size();
    }

    /** Number of requests that are redriven, by the reason of their dead letters. */
    public Map<String, Long> byReason() {
        Map<String, Long> byReason = new TreeMap<>();
        chosen.forEach(candidate -> byReason.merge(candidate.reason().name(), 1L, Long::sum));
        return byReason;
    }

    /** The users whose requests are redriven. */
    public Set<String> users() {
        Set<String> users = new TreeSet<>();
        chosen.forEach(candidate -> users.add(candidate.identity().userId()));
        return users;
    }

    /** Number of redriven requests that shared the failed job of another one. */
    public long shared() {
        return chosen.stream().filter(Candidate::isShared).count();
    }

    /** Number of dead letters that are not redriven, by why. */
    public Map<String, Long> left() {
        return new TreeMap<>(left);
    }

    /** What the redriven requests are expected to cost, in USD. */
    public BigDecimal estimatedUsd() {
        return estimatedUsd;
    }

    /** The most that the redriven requests can cost, in USD. */
    public BigDecimal worstUsd() {
        return worstUsd;
    }

    List<Candidate> chosen() {
        return chosen;
    }

    Instant madeAt() {
        return madeAt;
    }
}
