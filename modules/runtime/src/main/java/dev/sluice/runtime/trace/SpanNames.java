package dev.sluice.runtime.trace;

import io.opentelemetry.api.common.AttributeKey;

/** The names of Sluice's own spans and attributes. */
public final class SpanNames {
    public static final String ADMISSION = "admission";
    public static final String QUEUE = "queue";
    public static final String JOB = "job";
    public static final String PUBLISH = "publish";

    /** Before the reason of a wait. */
    public static final String WAIT = "wait ";

    public static final AttributeKey<String> REQUEST_ID =
            AttributeKey.stringKey("sluice.request.id");
    public static final AttributeKey<String> USER_ID = AttributeKey.stringKey("sluice.user.id");
    public static final AttributeKey<String> ANALYSIS = AttributeKey.stringKey("sluice.analysis");
    public static final AttributeKey<String> MODEL = AttributeKey.stringKey("sluice.model");

    /** Seconds that a job waited for a reason, without other waits in between. */
    public static final AttributeKey<Double> WAITED = AttributeKey.doubleKey("sluice.wait.seconds");

    /** Why a request has no result; NONE for a result. */
    public static final AttributeKey<String> REASON = AttributeKey.stringKey("sluice.reason");

    /** What admission decided: admitted, shared or denied. */
    public static final AttributeKey<String> DECISION = AttributeKey.stringKey("sluice.decision");

    public static final AttributeKey<String> CALL_ID = AttributeKey.stringKey("sluice.call.id");

    /** The analysis, or a repair of an invalid answer. */
    public static final AttributeKey<String> PURPOSE =
            AttributeKey.stringKey("sluice.call.purpose");

    /** USD; the worst case if the cost is not known. */
    public static final AttributeKey<Double> COST = AttributeKey.doubleKey("sluice.call.cost.usd");

    private SpanNames() {}
}
