package dev.sluice.devkit;

import java.io.Serial;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The registry's answer to a request: status and JSON body. */
record RegistryAnswer(int status, JsonNode body) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Ends the handling of a request with an error answer. */
    static final class Refused extends RuntimeException {
        @Serial private static final long serialVersionUID = 1L;

        private final transient RegistryAnswer answer;

        Refused(RegistryAnswer answer) {
            super(answer.body().toString());
            this.answer = answer;
        }

        RegistryAnswer answer() {
            return answer;
        }
    }

    static RegistryAnswer ok(JsonNode body) {
        return new RegistryAnswer(200, body);
    }

    static RegistryAnswer error(int status, int code, String message) {
        return new RegistryAnswer(
                status, JSON.createObjectNode().put("error_code", code).put("message", message));
    }
}
