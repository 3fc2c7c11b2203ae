package dev.sluice.runtime.metrics;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The catalogue of Sluice's metrics. Each description is the HELP text that Prometheus shows, so it
 * must be understood alone. A user's id is never a tag, because it would make one time series per
 * user.
 */
public enum Metric {
    ADMITTED(
            Type.COUNTER,
            "sluice.admission.admitted",
            "Requests that admission accepted and turned into jobs",
            "analysis"),
    PENDING(
            Type.GAUGE,
            "sluice.admission.pending",
            "Records (requests, settlements, budget changes) that wait in admission because the"
                    + " schema registry does not answer, or has not yet confirmed often enough"
                    + " that it does not know their schema"),
    UNREADABLE(
            Type.GAUGE,
            "sluice.admission.unreadable",
            "Settlements set aside because the schema registry does not know their schema. The"
                    + " money reserved for their jobs stays reserved. They are tried again every"
                    + " ten minutes"),
    DUPLICATES(
            Type.COUNTER,
            "sluice.admission.duplicates",
            "Request records skipped because the same request (user, requestId, generation) came"
                    + " within the last 24 hours or has not ended"),
    SHARED(
            Type.COUNTER,
            "sluice.admission.shared",
            "Requests answered at no cost with the result that an identical request of the same"
                    + " user paid for",
            "analysis"),
    SAVED(
            Type.COUNTER,
            "sluice.shared.saved.usd",
            "Money in USD that sharing saved: what the shared results cost the requests that paid"
                    + " for them, once for each request that got one at no cost",
            "analysis"),
    WAITING_REQUESTS(
            Type.GAUGE,
            "sluice.admission.waiting",
            "Requests that wait in admission. reason is RESERVATIONS (running jobs have reserved"
                    + " the money), BUDGET (the day's budget is used up), RATE (requests per hour)"
                    + " or OUTCOME (an identical request is a job already). Counted once per round"
                    + " of the sweep, which visits 2000 requests a second",
            "reason"),
    OLDEST_WAITING(
            Type.GAUGE,
            "sluice.admission.waiting.oldest.seconds",
            "Seconds since the oldest request that waits for this reason began to wait for it; 0"
                    + " if none waits. reason is as in sluice.admission.waiting",
            "reason"),
    RESERVED(
            Type.COUNTER,
            "sluice.reserved.usd",
            "Money in USD reserved for jobs when they were admitted: the most that each may cost",
            "analysis"),
    REFUNDED(
            Type.COUNTER,
            "sluice.refunded.usd",
            "Money in USD that was reserved and not spent, returned to the users' budgets when"
                    + " their jobs ended",
            "analysis"),
    CANARY_STATE(
            Type.GAUGE,
            "sluice.canary.state",
            "1 for the state of an analysis's canary, 0 for the others: running, stopped (it failed"
                    + " more often than the current version, which gets all requests again) or"
                    + " better (it fails less often, and goes on). Every admission reports it: do"
                    + " not sum it",
            "analysis",
            "state"),
    CEILING(
            Type.GAUGE,
            "sluice.ceiling.usd",
            "The daily budget of all users together in USD, as configured"
                    + " (budgets.all-users-daily-usd, budgets.analyses). ceiling is all, or the"
                    + " name of an analysis. Every admission reports all of it: do not sum it",
            "ceiling"),
    CEILING_BOOKED(
            Type.GAUGE,
            "sluice.ceiling.booked.usd",
            "Today's bookings of this process under the daily budget of all users, in USD. kind is"
                    + " consumed (cost of finished jobs) or reserved (caps of running jobs). The"
                    + " sum over all processes counts against sluice.ceiling.usd",
            "ceiling",
            "kind"),
    RESERVATION_EXCEEDED(
            Type.COUNTER,
            "sluice.admission.reservation.exceeded",
            "Jobs that cost more than was reserved for them. They are booked in full"),
    OUTCOMES(
            Type.COUNTER,
            "sluice.outcomes",
            "Requests that ended. kind is RESULT, REFUSED (the requester has to act), FAILED (an"
                    + " operator has to act) or POISON (the record cannot be processed). reason"
                    + " says why there is no result, and is NONE for a result. analysis is unknown"
                    + " if the request names none that is known",
            "analysis",
            "kind",
            "reason"),
    OUTCOME_DURATION(
            Type.HISTOGRAM,
            "sluice.outcome.duration",
            "Time from a request's submission (submittedAt, or its record's timestamp) to its"
                    + " committed outcome, of requests that became jobs. priority is INTERACTIVE,"
                    + " BULK, or PATIENT (the request may wait for the next day, or was sent again"
                    + " after a dead letter). kind is RESULT, REFUSED, FAILED or POISON",
            "analysis",
            "priority",
            "kind"),
    STAGE_DURATION(
            Type.HISTOGRAM,
            "sluice.stage.duration",
            "The parts of sluice.outcome.duration. stage is admission (from submission to the job,"
                    + " waits for money or rate included), queue (until a worker starts it), work"
                    + " (until its outcome is ready: waits before calls, calls, validation) or"
                    + " publish (until it is committed)",
            "stage"),
    VALIDITY(
            Type.COUNTER,
            "sluice.answers",
            "Jobs whose model answered, by the validity of the answer: first (valid at once),"
                    + " repaired (valid after a repair) or invalid (a dead letter). version is the"
                    + " fingerprint of the analysis",
            "analysis",
            "version",
            "validity"),
    VERSION_SPEND(
            Type.COUNTER,
            "sluice.version.spend.usd",
            "Cost in USD of the calls of finished jobs, by the version of their analysis (its"
                    + " fingerprint), to compare a canary with the current version",
            "analysis",
            "version"),
    VERSION_CALLS(
            Type.TIMER,
            "sluice.version.calls",
            "Time of all calls of a finished job together, by the version of its analysis (its"
                    + " fingerprint), to compare a canary with the current version",
            "analysis",
            "version"),
    WASTE(
            Type.COUNTER,
            "sluice.waste.usd",
            "Cost in USD of calls that gave no result, part of sluice.spend.usd. cause is repaired"
                    + " (a later call gave the result), failed (the job became a dead letter) or"
                    + " unconfirmed (the answer was lost; at its worst case)",
            "analysis",
            "model",
            "cause"),
    CALLS(
            Type.COUNTER,
            "sluice.calls",
            "Calls to models. status is ANSWERED, REFUSED (the model declined), THROTTLED (the"
                    + " provider had no room), BLOCKED (an operator has to fix something, such as"
                    + " a key), UNAVAILABLE (the provider failed or did not answer), REJECTED (the"
                    + " provider did not accept the request) or UNCONFIRMED (sent, cost unknown,"
                    + " booked at its worst case)",
            "analysis",
            "model",
            "deployment",
            "status"),
    SERVED_BY_ANOTHER(
            Type.COUNTER,
            "sluice.calls.served.by.another",
            "Calls that were answered by another model than the one asked for, according to the"
                    + " provider's answer",
            "model",
            "deployment"),
    CALL_DURATION(
            Type.HISTOGRAM,
            "gen_ai.client.operation.duration",
            "Time from sending a call to a model to its whole answer (OpenTelemetry's name)."
                    + " error.type is the status of sluice.calls in lower case, and empty for"
                    + " ANSWERED",
            "model",
            "gen_ai.operation.name",
            "gen_ai.provider.name",
            "gen_ai.request.model",
            "error.type"),
    TOKEN_USAGE(
            Type.HISTOGRAM,
            "gen_ai.client.token.usage",
            "Tokens of each answered call (OpenTelemetry's name). gen_ai.token.type is input or"
                    + " output",
            "model",
            "gen_ai.operation.name",
            "gen_ai.provider.name",
            "gen_ai.request.model",
            "gen_ai.token.type"),
    TOKENS(
            Type.COUNTER,
            "sluice.tokens",
            "Tokens of calls as the provider counted them. kind is input, output, cached or"
                    + " cache-write (both are part of input), or reasoning (part of output)",
            "analysis",
            "model",
            "kind"),
    SPEND(
            Type.COUNTER,
            "sluice.spend.usd",
            "Cost of calls in USD, for graphs; the exact amounts are in the topic calls.v1."
                    + " certainty is confirmed, or unconfirmed for calls with unknown cost,"
                    + " counted at their worst case",
            "analysis",
            "model",
            "certainty"),
    WAITS(
            Type.TIMER,
            "sluice.waits",
            "Time that jobs waited before a call. reason is QUOTA (their turn, or room in the"
                    + " provider's limit), MAX_CALLS (max-calls-per-second), THROTTLED (the"
                    + " provider asked to wait), PAUSED (an operator has to fix something),"
                    + " BREAKER_OPEN (the circuit breaker is open) or BACKOFF (the job's previous"
                    + " call failed)",
            "model",
            "reason"),
    PROVIDER_LIMIT(
            Type.GAUGE,
            "sluice.provider.limit",
            "The provider's rate limit as it last stated it; NaN before that. kind is requests,"
                    + " tokens, input-tokens or output-tokens",
            "model",
            "deployment",
            "kind"),
    PROVIDER_REMAINING(
            Type.GAUGE,
            "sluice.provider.remaining",
            "What is left of the provider's rate limit, as the provider last stated it; NaN before"
                    + " that. kind is requests, tokens, input-tokens or output-tokens",
            "model",
            "deployment",
            "kind"),
    QUOTA_ALLOWED(
            Type.GAUGE,
            "sluice.quota.allowed",
            "Units per minute that this worker may use now: its share of the provider's limit, less"
                    + " for some seconds after a 429. NaN without a limit. kind is the unit:"
                    + " requests, tokens, input-tokens or output-tokens",
            "model",
            "deployment",
            "kind"),
    QUOTA_REFUNDS(
            Type.GAUGE,
            "sluice.quota.refunds",
            "Share of the reserved and unused units that the provider refunds: 1 all, 0 none or not"
                    + " known. NaN without a limit. kind is the unit: requests, tokens,"
                    + " input-tokens or output-tokens",
            "model",
            "deployment",
            "kind"),
    WAITING(
            Type.GAUGE,
            "sluice.waiting",
            "Jobs that wait until a deployment may be called: for quota, a pause or the circuit"
                    + " breaker. Each is counted at the first deployment of its analysis's model",
            "model",
            "deployment"),
    DEPLOYMENT_STATE(
            Type.GAUGE,
            "sluice.deployment.state",
            "1 for the state a deployment is in, 0 for the others: taking-calls; paused until an"
                    + " operator fixes something at the provider; throttled while the provider"
                    + " asks to wait; failing while the circuit breaker is open; probing while the"
                    + " circuit breaker lets a few calls through. The log names the cause",
            "model",
            "deployment",
            "state"),
    PRICES_AGE(
            Type.GAUGE,
            "sluice.prices.age.days",
            "Days since the latest price in the price table. Old prices mean wrong costs"),
    COMPUTE_WAITING(
            Type.GAUGE,
            "sluice.compute.waiting",
            "Contents and answers that wait for a compute thread (worker.compute-threads). priority"
                    + " is INTERACTIVE or BULK",
            "priority"),
    COMPUTE_WAIT(
            Type.TIMER,
            "sluice.compute.wait",
            "Time that contents and answers waited for a compute thread. step is PREPARE (content"
                    + " becomes a prompt) or JUDGE (an answer is validated)",
            "step"),
    COMPUTE_DURATION(
            Type.TIMER,
            "sluice.compute.duration",
            "Time to prepare a content or to validate an answer, by the clock. step is PREPARE"
                    + " (content becomes a prompt) or JUDGE (an answer is validated)",
            "step"),
    COMPUTE_CUT_OFF(
            Type.COUNTER,
            "sluice.compute.cut.off",
            "Contents and answers that took more CPU time than worker.compute-timeout. step is"
                    + " PREPARE (the job ends as INPUT_TOO_LARGE) or JUDGE (the answer counts as"
                    + " invalid)",
            "step"),
    COMPUTE_STUCK(
            Type.GAUGE,
            "sluice.compute.stuck",
            "Compute threads that do not stop although their work was cut off; other threads took"
                    + " their place"),
    FAILURE_RATE(
            Type.GAUGE,
            "sluice.deployment.failure.rate",
            "Share of the calls of the last 30 seconds that the provider failed, from 0 to 1; NaN"
                    + " for fewer than 20 calls. The circuit breaker opens at 0.5",
            "model",
            "deployment"),
    CERTIFICATE_DAYS(
            Type.GAUGE,
            "sluice.certificate.days",
            "Days until a certificate of this process expires. certificate is http (of the HTTP"
                    + " endpoints), kafka-client or kafka-authority (of the connection to the"
                    + " brokers); the earliest of each counts",
            "certificate"),
    VIRTUAL_THREADS(
            Type.GAUGE,
            "sluice.virtual.threads",
            "Virtual threads. state is running (on a carrier thread) or queued (ready to run, no"
                    + " carrier thread is free)",
            "state"),
    INTAKE_PAUSED(
            Type.GAUGE,
            "sluice.worker.intake.paused",
            "1 while the worker starts no job of this model and priority, 0 if not. reason is"
                    + " IN_FLIGHT (worker.max-in-flight or worker.max-in-flight-bytes is reached)"
                    + " or WINDOW (a partition's window is full, see sluice.worker.window)",
            "model",
            "priority",
            "reason"),
    LAG(
            Type.GAUGE,
            "sluice.worker.lag.seconds",
            "Age of the oldest job that this worker has fetched and not started, in seconds; 0 if"
                    + " there is none. Jobs wait here once the worker's room for running jobs is"
                    + " full, and after nobody worked",
            "model",
            "priority"),
    IN_FLIGHT(
            Type.GAUGE,
            "sluice.worker.in.flight",
            "Jobs that this worker has started and whose outcome is not yet published",
            "model"),
    DEPENDENCY_UP(
            Type.GAUGE,
            "sluice.dependency.up",
            "1 if the brokers, or the registry, answer this process, 0 if not; checked every two"
                    + " seconds",
            "dependency"),
    WINDOW(
            Type.GAUGE,
            "sluice.worker.window",
            "How full the window of the model's fullest partition is, from 0 to 1. A partition's"
                    + " window is the 16384 offsets from its oldest unfinished job on; no job"
                    + " beyond it starts. At 1 the partition stands still until that job ends",
            "model"),
    OLDEST_JOB(
            Type.GAUGE,
            "sluice.worker.oldest.job.seconds",
            "Seconds since this worker started the oldest job that is still unfinished",
            "model"),
    TRANSACTIONS(
            Type.COUNTER,
            "sluice.worker.transactions",
            "Transactions that publish outcomes. result is committed, aborted (the outcomes are"
                    + " published again), recovered (its end was unknown and the worker found it"
                    + " out) or rejected (the brokers rejected one of its records)",
            "result"),
    REJECTED(
            Type.GAUGE,
            "sluice.worker.rejected",
            "Outcomes that wait because the brokers reject them: their topic is missing, closed to"
                    + " this worker, or accepts only smaller records. Readiness says which"),
    DROPPED(
            Type.COUNTER,
            "sluice.worker.dropped",
            "Outcomes dropped because their partition moved on. The worker that has the partition"
                    + " now runs these jobs again");

    /** From the time of both hops to the longest deadline. */
    private static final List<Duration> LATENCIES =
            Stream.of(
                            "PT0.1S", "PT0.25S", "PT0.5S", "PT1S", "PT2.5S", "PT5S", "PT10S",
                            "PT30S", "PT1M", "PT5M", "PT30M", "PT2H", "PT24H")
                    .map(Duration::parse)
                    .toList();

    private final Type type;
    private final String id;
    private final String description;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    private final List<String> tags;

    /** The type of a metric. */
    public enum Type {
        COUNTER,
        GAUGE,
        /** Count and sum of durations. */
        TIMER,
        /** Durations or numbers in buckets. */
        HISTOGRAM
    }

    Metric(Type type, String id, String description, String... tags) {
        this.type = type;
        this.id = id;
        this.description = description;
        this.tags = List.of(tags);
    }

    public Type type() {
        return type;
    }

    /** Dotted name; Prometheus shows it with underscores and a unit. */
    public String id() {
        return id;
    }

    public String description() {
        return description;
    }

    /** Upper bounds of the histogram's buckets; empty if the metric is not a histogram. */
    Duration[] buckets() {
        return switch (this) {
            case OUTCOME_DURATION, STAGE_DURATION, CALL_DURATION ->
                    LATENCIES.toArray(Duration[]::new);
            default -> new Duration[0];
        };
    }

    /** Upper bounds of the buckets of a histogram of tokens, as OpenTelemetry advises. */
    static double[] tokenBuckets() {
        return IntStream.rangeClosed(0, 13).mapToDouble(power -> Math.pow(4, power)).toArray();
    }

    /** Names of the tags, in the order in which values are passed. */
    public List<String> tags() {
        return tags;
    }
}
