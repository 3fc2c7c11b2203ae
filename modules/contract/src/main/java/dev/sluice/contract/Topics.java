package dev.sluice.contract;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullMarked;

/**
 * The names of Sluice's topics, all with one prefix.
 *
 * @param prefix start of each name; letters, digits, dot, underscore and hyphen, at most 100
 */
@NullMarked
public record Topics(String prefix) {
    /** The default prefix. */
    public static final String DEFAULT_PREFIX = "sluice.";

    /** Valid names of analyses and models; they become part of topic names and file names. */
    public static final Pattern NAME = Pattern.compile("[a-z][a-z0-9.-]{0,62}[a-z0-9]|[a-z]");

    /** Names that were found valid: each record asks for the same ones again. */
    private static final Set<String> CHECKED = ConcurrentHashMap.newKeySet();

    private static final int MOST_CHECKED = 1_000;

    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{0,100}");

    public Topics {
        if (!PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "topics.prefix may have letters, digits, '.', '_' and '-' only, was '"
                            + prefix
                            + "'");
        }
    }

    /** {@link AnalysisRequest}s from upstream systems. */
    public String requests() {
        return prefix + "requests.v1";
    }

    /** Typed results of one analysis, keyed by requestId. */
    public String results(String analysis) {
        return prefix + "results." + checked(analysis) + ".v1";
    }

    /** {@link DeadLetter}s of all analyses. */
    public String deadLetters() {
        return prefix + "dead-letters.v1";
    }

    /** {@link Discard}s of dead letters, compacted. */
    public String discards() {
        return prefix + "discards.v1";
    }

    /** One {@link ModelCall} for each call to a model, keyed by userId. */
    public String calls() {
        return prefix + "calls.v1";
    }

    /** {@link Spend} of each user and day, compacted. */
    public String spend() {
        return prefix + "spend.v1";
    }

    /** {@link BudgetChange}s, compacted. */
    public String budgets() {
        return prefix + "budgets.v1";
    }

    /** Admitted interactive jobs of one model. */
    public String jobs(String model) {
        return prefix + "internal.jobs." + checked(model) + ".v1";
    }

    /** Admitted bulk jobs of one model, which are served after interactive ones. */
    public String bulkJobs(String model) {
        return prefix + "internal.jobs." + checked(model) + ".bulk.v1";
    }

    /** The model of a topic of jobs; empty for other topics. */
    public Optional<String> modelOfJobs(String topic) {
        Matcher jobs =
                Pattern.compile(Pattern.quote(prefix) + "internal\\.jobs\\.(.+?)(\\.bulk)?\\.v1")
                        .matcher(topic);
        return jobs.matches() ? Optional.of(jobs.group(1)) : Optional.empty();
    }

    /** The workers' journal of one model. */
    public String attempts(String model) {
        return prefix + "internal.attempts." + checked(model) + ".v1";
    }

    /** Requests that one admission task forwards to the owner partition of their user. */
    public String repartitionedRequests() {
        return prefix + "internal.requests.v1";
    }

    /** The bookings of each admission task under the ceilings, for the other tasks; compacted. */
    public String totals() {
        return prefix + "internal.totals.v1";
    }

    /** What each admission task has counted of the trials of canaries; compacted. */
    public String trials() {
        return prefix + "internal.trials.v1";
    }

    /** Settlements, from workers to admission. */
    public String settlements() {
        return prefix + "internal.settlements.v1";
    }

    private static String checked(String name) {
        if (CHECKED.contains(name)) {
            return name;
        }
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'"
                            + name
                            + "' cannot be part of a topic name: use lower-case letters, digits,"
                            + " '.' and '-', starting with a letter");
        }
        if (CHECKED.size() < MOST_CHECKED) {
            CHECKED.add(name);
        }
        return name;
    }
}
