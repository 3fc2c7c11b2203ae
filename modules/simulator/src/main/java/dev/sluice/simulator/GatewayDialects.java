package dev.sluice.simulator;

import dev.sluice.simulator.ServerDialect.Sketch;
import java.time.Duration;
import java.util.Map;

/** Dialects of gateways to other providers, and of servers that users run themselves. */
final class GatewayDialects {
    private GatewayDialects() {}

    static ServerDialect openRouter() {
        return new Sketch(
                        "openrouter",
                        "reports provider and native_finish_reason, errors with a number as code, an"
                                + " unknown model is a 400; base URL with /api/v1")
                .at("/api/v1")
                .errors(
                        ServerErrors.plain()
                                .shaped(ErrorShape.OPENROUTER)
                                .saying(Trouble.BAD_KEY, 401, "", "", "User not found.")
                                .saying(
                                        Trouble.UNKNOWN_MODEL,
                                        400,
                                        "",
                                        "",
                                        "%s is not a valid model ID")
                                .saying(
                                        Trouble.THROTTLED,
                                        429,
                                        "",
                                        "",
                                        "Rate limit exceeded: per-minute")
                                .saying(Trouble.FAILED, 502, "", "", "Provider returned error")
                                .advising(GatewayDialects::resetAsEpoch))
                .limits(Habits.UNTOLD)
                .chat(
                        Deviation.writes(envelope -> {
                            envelope.json().put("id", "gen-sim" + envelope.reply().id());
                            envelope.json().put("provider", "Simulated");
                            envelope.choice()
                                    .set(
                                            "native_finish_reason",
                                            envelope.choice().path("finish_reason"));
                            envelope.message().putNull("reasoning");
                        }))
                .done();
    }

    /** The retry time in milliseconds since 1970. */
    private static ChatAnswer resetAsEpoch(ChatAnswer answer, Duration later) {
        return answer.with(
                Map.of(
                        "x-ratelimit-limit",
                        "20",
                        "x-ratelimit-remaining",
                        "0",
                        "x-ratelimit-reset",
                        Long.toString(System.currentTimeMillis() + later.toMillis())));
    }

    static ServerDialect liteLlm() {
        return new Sketch(
                        "litellm",
                        "headers of the gateway and of the provider behind it, errors with the"
                                + " status as a text, an unknown model is a 400")
                .errors(
                        ServerErrors.plain()
                                .shaped(ErrorShape.STATUS_TEXT)
                                .saying(
                                        Trouble.BAD_KEY,
                                        401,
                                        "auth_error",
                                        "",
                                        "Authentication Error, Invalid proxy server token passed.")
                                .saying(
                                        Trouble.UNKNOWN_MODEL,
                                        400,
                                        "None",
                                        "",
                                        ServerErrors.LITELLM_MODEL)
                                .saying(
                                        Trouble.THROTTLED,
                                        429,
                                        "throttling_error",
                                        "",
                                        "litellm.RateLimitError: RateLimitError: OpenAIException -"
                                                + " too many requests")
                                .advising(ServerErrors::wholeSeconds))
                .limits((dialect, standing, now) ->
                        Map.of(
                                "llm_provider-x-ratelimit-limit-tokens",
                                Long.toString(standing.limit()),
                                "llm_provider-x-ratelimit-remaining-tokens",
                                Long.toString(standing.remaining()),
                                "x-ratelimit-limit-tokens",
                                Long.toString(standing.limit()),
                                "x-ratelimit-remaining-tokens",
                                Long.toString(standing.remaining())))
                .chat(
                        Habits.idIn("x-litellm-call-id", "sim-"),
                        Deviation.headers(
                                Map.of(
                                        "x-litellm-model-id",
                                        "simulated",
                                        "x-litellm-attempted-retries",
                                        "0",
                                        "x-litellm-attempted-fallbacks",
                                        "0")))
                .done();
    }

    static ServerDialect vLlm() {
        return new Sketch(
                        "vllm",
                        "many fields that are null, errors with the status for a code, no limits; a"
                                + " key is not needed")
                .keyless()
                .errors(
                        ServerErrors.plain()
                                .shaped(ErrorShape.STATUS_NUMBER)
                                .saying(Trouble.BAD_KEY, 401, "Unauthorized", "", "Unauthorized")
                                .saying(Trouble.BAD_REQUEST, 400, "BadRequestError", "", "%s")
                                .saying(
                                        Trouble.UNKNOWN_MODEL,
                                        404,
                                        "NotFoundError",
                                        "",
                                        "The model `%s` does not exist."))
                .limits(Habits.UNTOLD)
                .chat(
                        Habits.UNTIERED,
                        Deviation.writes(envelope -> {
                            envelope.json()
                                    .putNull("service_tier")
                                    .putNull("system_fingerprint")
                                    .putNull("prompt_logprobs")
                                    .putNull("kv_transfer_params");
                            envelope.choice().putNull("stop_reason").putNull("token_ids");
                            envelope.message().putNull("reasoning").putNull("audio");
                            envelope.usage().putNull("prompt_tokens_details");
                            envelope.usage().remove("completion_tokens_details");
                        }))
                .done();
    }

    static ServerDialect ollama() {
        return new Sketch(
                        "ollama",
                        "usage without details, errors with a code of null, no limits; a key is not"
                                + " needed")
                .keyless()
                .errors(
                        ServerErrors.plain()
                                .shaped(ErrorShape.OLLAMA)
                                .saying(
                                        Trouble.UNKNOWN_MODEL,
                                        404,
                                        "not_found_error",
                                        "",
                                        "model '%s' not found")
                                .saying(
                                        Trouble.FAILED,
                                        500,
                                        "api_error",
                                        "",
                                        "llama runner process has terminated"))
                .limits(Habits.UNTOLD)
                .chat(
                        Habits.UNTIERED,
                        Deviation.writes(envelope -> {
                            envelope.json()
                                    .put(
                                            "id",
                                            "chatcmpl-"
                                                    + Math.floorMod(
                                                            envelope.reply().id().hashCode(),
                                                            1_000))
                                    .put("system_fingerprint", "fp_ollama");
                            Habits.withoutDetails(envelope);
                        }))
                .done();
    }
}
