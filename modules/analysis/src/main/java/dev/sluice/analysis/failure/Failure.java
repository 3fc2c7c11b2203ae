package dev.sluice.analysis.failure;

import java.util.List;

/** Why an analysis ended without a valid output. */
public sealed interface Failure {
    /** Description of the failure; never contains content. */
    String message();

    /** The last answer still violates the schema or a check. */
    record InvalidOutput(List<Violation> violations) implements Failure {
        public InvalidOutput {
            violations = List.copyOf(violations);
        }

        @Override
        public String message() {
            return "the answer is invalid in "
                    + violations.size()
                    + (violations.size() == 1 ? " place" : " places")
                    + violations.stream().findFirst().map(InvalidOutput::shown).orElse("");
        }

        /** Of the first violation its place and rule, which the schema has, and not its message. */
        private static String shown(Violation first) {
            return ": "
                    + (first.path().isEmpty() ? "the whole" : first.path())
                    + " ("
                    + first.rule()
                    + ")";
        }
    }

    /** Preparing the content exceeded its limit of CPU time. */
    record InputCutOff(String message) implements Failure {}

    /** The model reached its output limit. */
    record OutputTruncated(String message) implements Failure {}

    /** The model refused to answer. */
    record RefusedByModel(String message) implements Failure {}

    /** The provider or its content filter rejected the request. */
    record RejectedByProvider(String message) implements Failure {}

    /** The reservation has no price of any model that may be called. */
    record UnpricedModel(String message) implements Failure {}

    /** The rest of the job's cap does not cover another call. */
    record CapExhausted(String message) implements Failure {}

    /** The job's deadline has passed. */
    record DeadlineExceeded(String message) implements Failure {}

    /** A bug in Sluice; the log has the details. */
    record Bug(String message) implements Failure {}

    /** All retries failed; failures in an outage of the provider do not count by default. */
    record RetriesExhausted(String message) implements Failure {}
}
