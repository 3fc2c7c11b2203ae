package dev.sluice.simulator;

import dev.sluice.simulator.Draft.CacheUse;
import dev.sluice.simulator.ServerDialect.Sketch;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Dialects of providers that train or host models. */
final class ProviderDialects {
    private ProviderDialects() {}

    static ServerDialect openAi() {
        return new Sketch(
                        "openai",
                        "service_tier and x-request-id always reported; 429 with Retry-After and"
                                + " retry-after-ms")
                .errors(
                        ServerErrors.plain()
                                .saying(
                                        Trouble.BAD_KEY,
                                        401,
                                        "invalid_request_error",
                                        "invalid_api_key",
                                        "Incorrect API key provided: %s")
                                .saying(
                                        Trouble.UNKNOWN_MODEL,
                                        404,
                                        "invalid_request_error",
                                        "model_not_found",
                                        "The model `%s` does not exist or you do not have access to"
                                                + " it.")
                                .saying(
                                        Trouble.THROTTLED,
                                        429,
                                        "tokens",
                                        "rate_limit_exceeded",
                                        ServerErrors.TOKENS_PER_MINUTE)
                                .advising(ServerErrors::secondsAndMilliseconds))
                .limits(Habits.GO_DURATIONS)
                .chat(
                        Habits.idIn("x-request-id", "req_sim"),
                        Deviation.headers(Map.of("openai-processing-ms", "12")),
                        Deviation.writes(envelope ->
                                envelope.json()
                                        .put("service_tier", envelope.reply().tier().openAi())
                                        .put("system_fingerprint", "fp_simulated")))
                .done();
    }

    static ServerDialect anthropic() {
        return new Sketch(
                        "anthropic",
                        "messages with request-id, usage.service_tier and usage.inference_geo")
                .messages(
                        Habits.idIn("request-id", "req_sim"),
                        Deviation.writes(envelope -> {
                            if (!envelope.usage().has("inference_geo")) {
                                envelope.usage().put("inference_geo", "global");
                            }
                        }))
                .done();
    }

    static ServerDialect azure() {
        return new Sketch(
                        "azure",
                        "filter results beside the answer, limits of -1, errors without a type;"
                                + " base URL with /openai/v1")
                .at("/openai/v1")
                .errors(
                        ServerErrors.plain()
                                .shaped(ErrorShape.AZURE)
                                .saying(
                                        Trouble.BAD_KEY,
                                        401,
                                        "",
                                        "401",
                                        "Access denied due to invalid subscription key or wrong API"
                                                + " endpoint.")
                                .saying(
                                        Trouble.UNKNOWN_MODEL,
                                        404,
                                        "",
                                        "DeploymentNotFound",
                                        "The API deployment %s for this resource does not exist.")
                                .saying(
                                        Trouble.THROTTLED,
                                        429,
                                        "",
                                        "429",
                                        "Requests have exceeded the token rate limit of your current"
                                                + " pricing tier. Please retry after %2$s seconds.")
                                .advising(ServerErrors::secondsAndMilliseconds))
                .limits(Habits.GO_DURATIONS)
                .chat(
                        Habits.idIn("apim-request-id", "sim-"),
                        Deviation.headers(
                                Map.of(
                                        "x-ms-region",
                                        "Sweden Central",
                                        "x-ratelimit-limit-requests",
                                        "-1",
                                        "x-ratelimit-remaining-requests",
                                        "-1")),
                        Deviation.writes(envelope -> {
                            filtered(envelope.choice().putObject("content_filter_results"));
                            ObjectNode prompt =
                                    envelope.json()
                                            .putArray("prompt_filter_results")
                                            .addObject()
                                            .put("prompt_index", 0);
                            filtered(prompt.putObject("content_filter_results"));
                        }))
                .done();
    }

    private static void filtered(ObjectNode results) {
        for (String kind : List.of("hate", "self_harm", "sexual", "violence")) {
            results.putObject(kind).put("filtered", false).put("severity", "safe");
        }
    }

    static ServerDialect gemini() {
        return new Sketch(
                        "gemini",
                        "thinking in total_tokens only, errors in a list, a bad key is a 400, the"
                                + " delay of a 429 in its body; base URL with /v1beta/openai")
                .at("/v1beta/openai")
                .errors(
                        ServerErrors.plain()
                                .shaped(ErrorShape.GEMINI)
                                .saying(
                                        Trouble.BAD_KEY,
                                        400,
                                        "",
                                        "INVALID_ARGUMENT",
                                        "API key not valid. Please pass a valid API key.")
                                .saying(Trouble.BAD_REQUEST, 400, "", "INVALID_ARGUMENT", "%s")
                                .saying(
                                        Trouble.UNKNOWN_MODEL,
                                        404,
                                        "",
                                        "NOT_FOUND",
                                        "models/%s is not found for API version v1main.")
                                .saying(Trouble.FAILED, 500, "", "INTERNAL", "Internal error.")
                                .advising((answer, later) -> ServerErrors.google(later)))
                .limits(Habits.UNTOLD)
                .chat(
                        UsageFaults.reasons(),
                        Deviation.writes(UsageFaults::reasoningOutside),
                        Deviation.writes(Habits::withoutDetails))
                .done();
    }

    static ServerDialect mistral() {
        return new Sketch(
                        "mistral",
                        "limits per minute under names of its own, errors not wrapped, 429 without"
                                + " Retry-After, content in parts from magistral models")
                .errors(
                        ServerErrors.plain()
                                .shaped(ErrorShape.MISTRAL)
                                .saying(Trouble.BAD_KEY, 401, "unauthorized", "", "Unauthorized")
                                .saying(Trouble.BAD_REQUEST, 422, "invalid_request", "", "%s")
                                .saying(
                                        Trouble.UNKNOWN_MODEL,
                                        400,
                                        "invalid_model",
                                        "1500",
                                        "Invalid model: %s")
                                .saying(
                                        Trouble.THROTTLED,
                                        429,
                                        "rate_limited",
                                        "1300",
                                        "Rate limit exceeded")
                                .advising(ServerErrors::silent))
                .limits((dialect, standing, now) ->
                        Map.of(
                                "x-ratelimit-limit-tokens-minute",
                                Long.toString(standing.limit()),
                                "x-ratelimit-remaining-tokens-minute",
                                Long.toString(standing.remaining())))
                .chat(
                        Habits.UNTIERED,
                        Deviation.writes(envelope -> {
                            if (envelope.json().path("model").asString("").contains("magistral")) {
                                ContentFaults.thinkingParts(envelope);
                            }
                        }),
                        Deviation.writes(Habits::withoutDetails))
                .done();
    }

    static ServerDialect groq() {
        return new Sketch(
                        "groq",
                        "service_tier on_demand, times in usage, resets such as 7.66ms and 1m0.5s,"
                                + " the delay of a 429 in its words; base URL with /openai/v1")
                .at("/openai/v1")
                .errors(
                        ServerErrors.plain()
                                .saying(
                                        Trouble.BAD_KEY,
                                        401,
                                        "invalid_request_error",
                                        "invalid_api_key",
                                        "Invalid API Key")
                                .saying(
                                        Trouble.UNKNOWN_MODEL,
                                        404,
                                        "invalid_request_error",
                                        "model_not_found",
                                        "The model `%s` does not exist or you do not have access to"
                                                + " it.")
                                .saying(
                                        Trouble.THROTTLED,
                                        429,
                                        "tokens",
                                        "rate_limit_exceeded",
                                        ServerErrors.TOKENS_PER_MINUTE)
                                .advising(ServerErrors::wholeSeconds))
                .limits(Habits.GO_DURATIONS)
                .chat(
                        Habits.UNTIERED,
                        Habits.idIn("x-request-id", "req_sim"),
                        Deviation.writes(envelope -> {
                            envelope.json().put("service_tier", "on_demand");
                            envelope.json()
                                    .putObject("x_groq")
                                    .put("id", "req_sim" + envelope.reply().id());
                            envelope.usage()
                                    .put("queue_time", 0.018)
                                    .put("prompt_time", 0.004)
                                    .put("completion_time", 0.21)
                                    .put("total_time", 0.214);
                        }))
                .done();
    }

    static ServerDialect deepSeek() {
        return new Sketch(
                        "deepseek",
                        "half of the input from the cache, as prompt_cache_hit_tokens; empty"
                                + " lines before the answer; 402 and 429 without Retry-After")
                .at("")
                .errors(
                        ServerErrors.plain()
                                .saying(
                                        Trouble.BAD_KEY,
                                        401,
                                        "authentication_error",
                                        "invalid_request_error",
                                        "Authentication Fails, Your api key is invalid")
                                .saying(
                                        Trouble.UNKNOWN_MODEL,
                                        400,
                                        "invalid_request_error",
                                        "invalid_request_error",
                                        "Model Not Exist")
                                .advising(ServerErrors::silent))
                .limits(Habits.UNTOLD)
                .chat(
                        Habits.UNTIERED,
                        UsageFaults.caches(CacheUse.READ),
                        Deviation.writes(UsageFaults::hitTokens),
                        Deviation.sends(answer -> answer.saying("\n\n\n" + answer.text())))
                .done();
    }

    static ServerDialect xAi() {
        return new Sketch(
                        "xai",
                        "reasoning tokens outside completion_tokens, errors as bare texts, a bad key"
                                + " is a 400, 429 without Retry-After")
                .errors(
                        ServerErrors.plain()
                                .shaped(ErrorShape.XAI)
                                .saying(
                                        Trouble.BAD_KEY,
                                        400,
                                        "",
                                        "Client specified an invalid argument",
                                        "Incorrect API key provided: %s. You can obtain an API key"
                                                + " from https://console.x.ai.")
                                .saying(
                                        Trouble.BAD_REQUEST,
                                        400,
                                        "",
                                        "Client specified an invalid argument",
                                        "%s")
                                .saying(
                                        Trouble.UNKNOWN_MODEL,
                                        404,
                                        "",
                                        "Some requested entity was not found",
                                        "The model %s does not exist or your team does not have"
                                                + " access to it.")
                                .saying(
                                        Trouble.THROTTLED,
                                        429,
                                        "",
                                        "Some resource has been exhausted",
                                        "Too many requests")
                                .advising(ServerErrors::silent))
                .limits((dialect, standing, now) ->
                        Map.of(
                                "x-ratelimit-limit-tokens",
                                Long.toString(standing.limit()),
                                "x-ratelimit-remaining-tokens",
                                Long.toString(standing.remaining())))
                .chat(
                        UsageFaults.reasons(),
                        Deviation.writes(UsageFaults::reasoningOutside),
                        Deviation.writes(envelope -> envelope.usage().put("num_sources_used", 0)))
                .done();
    }
}
