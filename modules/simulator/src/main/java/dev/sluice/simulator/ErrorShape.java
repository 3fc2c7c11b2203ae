package dev.sluice.simulator;

import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** How a server that speaks OpenAI's chat completions writes an error. */
final class ErrorShape {
    /** {@code {"error": {"message", "type", "code"}}}, the code a word. */
    static final ErrorShape OPENAI =
            new ErrorShape((body, error) ->
                    body.putObject("error")
                            .put("message", error.message())
                            .put("type", error.type())
                            .put("code", error.code())
                            .putNull("param"));

    /** The code is the status as a number: vLLM. */
    static final ErrorShape STATUS_NUMBER =
            new ErrorShape((body, error) ->
                    body.putObject("error")
                            .put("message", error.message())
                            .put("type", error.type())
                            .put("code", error.status())
                            .putNull("param"));

    /** The code is the status as a text, and what is missing is the word None: LiteLLM. */
    static final ErrorShape STATUS_TEXT =
            new ErrorShape((body, error) ->
                    body.putObject("error")
                            .put("message", error.message())
                            .put("type", error.type())
                            .put("code", Integer.toString(error.status()))
                            .put("param", "None"));

    /** A number, no type, and who asked beside it: OpenRouter. */
    static final ErrorShape OPENROUTER =
            new ErrorShape((body, error) -> {
                body.putObject("error").put("message", error.message()).put("code", error.status());
                body.put("user_id", "user_simulated");
            });

    /** No type; the code is a word or the status as a text: Azure. */
    static final ErrorShape AZURE =
            new ErrorShape((body, error) ->
                    body.putObject("error")
                            .put("code", error.code())
                            .put("message", error.message()));

    /** Google's status and code. It is sent within a list: see {@link #body}. */
    static final ErrorShape GEMINI =
            new ErrorShape((body, error) ->
                    body.putObject("error")
                            .put("code", error.status())
                            .put("message", error.message())
                            .put("status", error.code()));

    /** The error is not wrapped: Mistral. */
    static final ErrorShape MISTRAL =
            new ErrorShape((body, error) ->
                    body.put("object", "error")
                            .put("message", error.message())
                            .put("type", error.type())
                            .putNull("param")
                            .put("code", error.code()));

    /** The error is a text: xAI. */
    static final ErrorShape XAI =
            new ErrorShape(
                    (body, error) -> body.put("code", error.code()).put("error", error.message()));

    /** A type, and a code of null: Ollama. */
    static final ErrorShape OLLAMA =
            new ErrorShape((body, error) ->
                    body.putObject("error")
                            .put("message", error.message())
                            .put("type", error.type())
                            .putNull("param")
                            .putNull("code"));

    /** Anthropic's own. */
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

    /** What is said. */
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
