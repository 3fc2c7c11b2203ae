package dev.sluice.analysis.recording;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A recorded call and what came of it, without secrets.
 *
 * @param path of the address, without the host: the same recording serves any address
 * @param request the call's body
 * @param reply empty if there was none
 * @param failure why there was no reply; empty if there was one
 * @param milliseconds until the reply or the failure
 */
record Exchange(
        String path,
        JsonNode request,
        Optional<Reply> reply,
        Optional<Failure> failure,
        long milliseconds,
        Instant recordedAt) {
    /**
     * A recorded answer.
     *
     * @param headers those that Sluice reads, by their names in lower case
     */
    record Reply(int status, Map<String, String> headers, String body) {
        Reply {
            headers = Map.copyOf(headers);
        }
    }

    /** How a call failed. */
    enum Failure {
        NOT_SENT,
        TIMEOUT,
        LOST
    }

    /** What identifies the request: calls with the same key get the same recordings. */
    String key() {
        return RequestKey.of(path, request);
    }
}
