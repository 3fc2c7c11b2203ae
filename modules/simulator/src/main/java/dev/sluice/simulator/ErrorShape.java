package dev.sluice.simulator;

import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The JSON form of errors, for servers that implement OpenAI's chat completions. */
final class ErrorShape {
    /** {@code {"error": {"message", "type", "code"}}}, with a word as code. */
    static final ErrorShape OPENAI =
            new ErrorShape((body, error) ->
                    body.putObject("error")
                            .put("message", error.message())
                            .put("type", error.type())
                            .put("code", error.code())
                            .putNull("param"));

    /** vLLM: the code is the status as a number. */
    static final ErrorShape STATUS_NUMBER =
            new ErrorShape((body, error) ->
                    body.putObject("error")
                            .put("message", error.message())
                            .put("type", error.type())
                            .put("code", error.status())
                            .putNull("param"));

    /** LiteLLM: the code is the status as a text, and missing values are the word None. */
    static final ErrorShape STATUS_TEXT =
            new ErrorShape((body, error) ->
                    body.putObject("error")
                            .put("message", error.message())
                            .put("type", error.type())
                            .put("code", Integer.toString(error.status()))
                            .put("param", "None"));

    /** OpenRouter: the code is a number, there is no type, and the user is beside the error. */
    static final ErrorShape OPENROUTER =
            new ErrorShape((body, error) -> {
                body.putObject("error").put("message", error.message()).put("code", error.status());
                body.put("user_id", "user_simulated");
            });

    /** Azure: no type; the code is a word, or the status as a text. */
    static final ErrorShape AZURE =
            new ErrorShape((body, error) ->
                    body.putObject("error")
                            .put("code", error.code())
                            .put("message", error.message()));

    /** Google: status and code. It is sent within a list: see {@link #body}. */
    static final ErrorShape GEMINI =
            new ErrorShape((body, error) ->
                    body.putObject("error")
                            .put("code", error.status())
                            .put("message", error.message())
                            .put("status", error.code()));

    /** Mistral: the error is not wrapped. */
    static final ErrorShape MISTRAL =
            new ErrorShape((body, error) ->
                    body.put("object", "error")
                            .put("message", error.message())
                            .put("type", error.type())
                            .putNull("param")
                            .put("code", error.code()));

    /** xAI: the error is a text. */
    static final ErrorShape XAI =
            new ErrorShape(
                    (body, error) -> body.put("code", error.code()).put("error", error.message()));

    /** Ollama: a type, and a code of null. */
    static final ErrorShape OLLAMA =
            new ErrorShape((body, error) ->
                    body.putObject("error")
                            .put("message", error.message())
                            .put("type", error.type())
                            .putNull("param")
                            .putNull("code"));

    /** Anthropic's own form. */
    static final ErrorShape ANTHROPIC =
            new ErrorShape((body, error) ->
                    body.put("type", "error")
                            .putObject("error")
                            .put("type", error.type())
                            .put("message", error.message()));

    private final BiConsumer<ObjectNode, Said> writing;

    ErrorShape(BiConsumer<ObjectNode, Said> writing) {
        this.writing = writing;
    }

    /** The content of an error. */
    record Said(int status, String type, String code, String message) {}

    JsonNode body(Said said) {
        ObjectNode body = JsonMapper.shared().createObjectNode();
        writing.accept(body, said);
        return this == GEMINI ? JsonMapper.shared().createArrayNode().add(body) : body;
    }

    ChatAnswer answer(int status, String type, String code, String message) {
        return new ChatAnswer(status, body(new Said(status, type, code, message)));
    }
}
