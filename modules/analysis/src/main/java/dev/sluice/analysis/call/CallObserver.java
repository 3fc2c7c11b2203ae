package dev.sluice.analysis.call;

import java.time.Duration;

/**
 * Is told of every call and every wait, for metrics. Called from the thread that makes the call.
 */
public interface CallObserver {
    /** Ignores everything. */
    CallObserver NONE =
            new CallObserver() {
                @Override
                public void called(String analysis, Call call) {}

                @Override
                public void waited(String model, String reason, Duration time) {}
            };

    /** A call ended. */
    void called(String analysis, Call call);

    /** A job begins to wait before a call, or goes on waiting, perhaps for another reason. */
    default void waits(String model, String reason) {}

    /** A job waited before a call; the reason is a {@code Waiting.Reason}'s name. */
    void waited(String model, String reason, Duration time);
}
