package dev.sluice.runtime.metrics;

import java.util.List;

/** Every metric Sluice keeps. A user's id is never a tag: it would make a series per user. */
public enum Metric {
    ADMITTED("sluice.admission.admitted", "Requests that became jobs", "analysis"),
    PENDING("sluice.admission.pending", "Requests that wait because the registry does not answer"),
    UNREADABLE(
            "sluice.admission.unreadable",
            "Settlements that are set aside because the registry does not know their schema"),
    DUPLICATES(
            "sluice.admission.duplicates",
            "Records of requests that came before, in the last 24 hours: they are passed over"),
    SHARED(
            "sluice.admission.shared",
            "Requests answered with the result that an identical one has paid",
            "analysis"),
    RESERVATION_EXCEEDED(
            "sluice.admission.reservation.exceeded",
            "Jobs that cost more than was reserved for them; they are booked in full"),
    OUTCOMES(
            "sluice.outcomes",
            "Requests that ended, by kind (RESULT, REFUSED, FAILED, POISON) and reason",
            "analysis",
            "kind",
            "reason"),
    CALLS("sluice.calls", "Calls to models", "analysis", "model", "deployment", "status"),
    SERVED_BY_ANOTHER(
            "sluice.calls.served.by.another",
            "Calls that another model answered than the one that was asked, as the provider names it",
            "model",
            "deployment"),
    CALL_DURATION("sluice.call.duration", "Time from sending a call to its answer", "model"),
    TOKENS(
            "sluice.tokens",
            "Tokens as the provider counted them; kind is input, cached, cache-write, output or"
                    + " reasoning, the cached and written ones being part of input and reasoning"
                    + " part of output",
            "analysis",
            "model",
            "kind"),
    SPEND(
            "sluice.spend.usd",
            "Cost of calls in USD; certainty is confirmed or unconfirmed",
            "analysis",
            "model",
            "certainty"),
    WAITS("sluice.waits", "Time jobs waited before a call", "model", "reason"),
    PROVIDER_LIMIT(
            "sluice.provider.limit",
            "The provider's own rate limit as it last told it; kind is requests, tokens,"
                    + " input-tokens or output-tokens",
            "model",
            "deployment",
            "kind"),
    PROVIDER_REMAINING(
            "sluice.provider.remaining",
            "What the provider last said is left of its rate limit",
            "model",
            "deployment",
            "kind"),
    QUOTA_ALLOWED(
            "sluice.quota.allowed",
            "Units per minute at which this worker lets calls through: its share of the limit; kind"
                    + " as above",
            "model",
            "deployment",
            "kind"),
    QUOTA_REFUNDS(
            "sluice.quota.refunds",
            "Part of what calls reserved and did not use that is sent again: 1 where the provider"
                    + " gives it back, 0 where it does not or where that is not known",
            "model",
            "deployment",
            "kind"),
    WAITING(
            "sluice.waiting",
            "Jobs that wait for the guards of a deployment, in line",
            "model",
            "deployment"),
    DEPLOYMENT_STATE(
            "sluice.deployment.state",
            "1 for the state a deployment is in, 0 for the others: taking-calls, paused until an"
                    + " operator mends something, throttled while its provider asks to wait, failing"
                    + " while the circuit breaker is open, probing while it lets a few calls through",
            "model",
            "deployment",
            "state"),
    PRICES_AGE("sluice.prices.age.days", "Days since the latest price in the table"),
    COMPUTE_WAITING(
            "sluice.compute.waiting",
            "Contents and answers that wait for a thread to prepare or judge them",
            "urgency"),
    COMPUTE_WAIT(
            "sluice.compute.wait",
            "Time contents and answers waited for a thread; step is PREPARE or JUDGE",
            "step"),
    COMPUTE_DURATION(
            "sluice.compute.duration",
            "Time it took to prepare a content or to judge an answer",
            "step"),
    COMPUTE_CUT_OFF(
            "sluice.compute.cut.off",
            "Contents and answers that took more CPU time than worker.compute-timeout",
            "step"),
    COMPUTE_STUCK(
            "sluice.compute.stuck", "Threads with something that was cut off and does not end"),
    IN_FLIGHT("sluice.worker.in.flight", "Jobs the worker is working on", "model"),
    DEPENDENCY_UP(
            "sluice.dependency.up",
            "Whether the brokers, or the registry, answer this process: 1 or 0",
            "dependency"),
    WINDOW(
            "sluice.worker.window",
            "Part of the window of offsets beyond its oldest unfinished job that is taken, of the"
                    + " fullest partition: at 1 that partition stands still",
            "model"),
    OLDEST_JOB(
            "sluice.worker.oldest.job.seconds",
            "How long the oldest unfinished job has been worked on",
            "model"),
    TRANSACTIONS(
            "sluice.worker.transactions",
            "Transactions of the worker; result is committed, aborted, recovered or refused",
            "result"),
    REFUSED(
            "sluice.worker.refused",
            "Outcomes that wait because the brokers refuse them: a topic is missing, closed or too"
                    + " small"),
    DROPPED(
            "sluice.worker.dropped",
            "Outcomes dropped because their partition moved on; another worker repeats the job");

    private final String id;
    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    private final List<String> tags;

    Metric(String id, String description, String... tags) {
        this.id = id;
        this.description = description;
        this.tags = List.of(tags);
    }

    /** Dotted name; Prometheus shows it with underscores and a unit. */
    public String id() {
        return id;
    }

    public String description() {
        return description;
    }

    /** Names of the tags, in the order in which their values are given. */
    public List<String> tags() {
        return tags;
    }
}
