package dev.sluice.analysis.failure;

import java.util.List;

/** Why an analysis ended without a valid output. */
public sealed interface Failure {
    /** What happened, in words; never content. */
    String message();

    /** The last answer still breaks its schema or a check. */
    record InvalidOutput(List<Violation> violations) implements Failure {
        public InvalidOutput {
            violations = List.copyOf(violations);
        }

        @Override
        public String message() {
            return "the answer is invalid in "
                    + violations.size()
                    + (violations.size() == 1 ? " place" : " places");
        }
    }

    /** The content takes more work to prepare than it may. */
    record InputCutOff(String message) implements Failure {}

    /** The model ran into its output limit. */
    record OutputTruncated(String message) implements Failure {}

    /** The model declined to answer. */
    record RefusedByModel(String message) implements Failure {}

    /** The provider declined the request, its content filter included. */
    record RejectedByProvider(String message) implements Failure {}

    /** The reservation has no price of any model that may be called. */
    record UnpricedModel(String message) implements Failure {}

    /** The rest of the job's cap does not cover another call. */
    record CapExhausted(String message) implements Failure {}

    /** The job's deadline has passed. */
    record DeadlineExceeded(String message) implements Failure {}

    /** A bug in Sluice; the log has the details. */
    record Bug(String message) implements Failure {}

    /** The model failed this job again and again while it answered others. */
    record RetriesExhausted(String message) implements Failure {}
}
