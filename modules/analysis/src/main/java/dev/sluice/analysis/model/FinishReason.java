package dev.sluice.analysis.model;

import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Why a model stopped writing. */
public enum FinishReason {
    STOP,
    LENGTH,
    CONTENT_FILTER,
    /** The provider aborted the answer; a retry can help. */
    ERROR,
    OTHER;

    private static final Logger log = LoggerFactory.getLogger(FinishReason.class);

    /**
     * Unknown reasons that were logged; bounded, so that a server that invents reasons cannot fill
     * the memory.
     */
    private static final Set<String> LOGGED = ConcurrentHashMap.newKeySet();

    private static final int MOST_LOGGED = 100;

    /** The reason for a provider's name of it. An answer with an unknown reason is judged. */
    public static FinishReason of(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "stop", "end_turn", "stop_sequence", "tool_use", "eos", "complete" -> STOP;
            case "length", "model_length", "max_tokens", "model_context_window_exceeded" -> LENGTH;
            case "content_filter",
                    "content-filter",
                    "safety",
                    "recitation",
                    "prohibited_content",
                    "blocklist",
                    "spii",
                    "sensitive" ->
                    CONTENT_FILTER;
            case "error",
                    "abort",
                    "aborted",
                    "cancelled",
                    "insufficient_system_resource",
                    "engine_overloaded",
                    "malformed_function_call" ->
                    ERROR;
            default -> other(name);
        };
    }

    private static FinishReason other(String name) {
        boolean isName = name.matches("[A-Za-z0-9_-]{1,64}");
        if (isName && LOGGED.size() < MOST_LOGGED && LOGGED.add(name)) {
            log.atWarn()
                    .addKeyValue("reason", name)
                    .log("unknown finish reason: the answer is judged as it is");
        }
        return OTHER;
    }
}
