package dev.sluice.analysis.call;

import java.time.Duration;

/** Observer of all calls and waits, for metrics. Called from the thread that makes the call. */
public interface CallObserver {
    /** An observer that does nothing. */
    CallObserver NONE =
            new CallObserver() {
                @Override
                public void called(String analysis, Call call) {}

                @Override
                public void waited(String model, String reason, Duration time) {}
            };

    /** A call ended. */
    void called(String analysis, Call call);

    /** A job starts to wait before a call, or continues to wait, perhaps for another reason. */
    default void waits(String model, String reason) {}

    /** A job's wait before a call ended; the reason is the name of a {@code Waiting.Reason}. */
    void waited(String model, String reason, Duration time);
}
