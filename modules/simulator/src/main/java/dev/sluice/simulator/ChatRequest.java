package dev.sluice.simulator;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a chat completion request says.
 *
 * @param schemaName name of the schema in response_format; empty if there is none
 * @param schema the schema itself; empty if there is none
 */
record ChatRequest(
        String model,
        List<Message> messages,
        String schemaName,
        JsonNode schema,
        int maxOutputTokens) {

    /** One message. */
    record Message(String role, String text) {}

    private static final Pattern FENCE = Pattern.compile("two lines that read (\\S+)\\.");
    private static final int DEFAULT_MAX_OUTPUT = 16_384;

    static ChatRequest of(ObjectNode body) {
        JsonNode format = body.path("response_format").path("json_schema");
        int limit =
                body.path("max_completion_tokens")
                        .asInt(body.path("max_tokens").asInt(DEFAULT_MAX_OUTPUT));
        return new ChatRequest(
                body.path("model").asString(""),
                body.path("messages")
                        .valueStream()
                        .map(message ->
                                new Message(
                                        message.path("role").asString(""),
                                        text(message.path("content"))))
                        .toList(),
                format.path("name").asString(""),
                format.path("schema"),
                limit);
    }

    /** All messages as one text, for counting and for drawing lots. */
    String said() {
        StringBuilder said = new StringBuilder();
        messages.forEach(message -> said.append(message.text()).append('\n'));
        return said.toString();
    }

    String instructions() {
        return messages.isEmpty() ? "" : messages.getFirst().text();
    }

    /** What stands between the fence lines that the prompt names; everything if it names none. */
    String content() {
        String user =
                messages.stream()
                        .filter(message -> message.role().equals("user"))
                        .map(Message::text)
                        .findFirst()
                        .orElse("");
        Matcher named = FENCE.matcher(user);
        if (!named.find()) {
            return user;
        }
        String fence = "\n" + named.group(1) + "\n";
        int start = user.indexOf(fence);
        int end = user.lastIndexOf(fence);
        return start < 0 || end <= start ? "" : user.substring(start + fence.length(), end);
    }

    private static String text(JsonNode content) {
        if (content.isString()) {
            return content.asString();
        }
        StringBuilder parts = new StringBuilder();
        content.forEach(part -> parts.append(part.path("text").asString("")));
        return parts.toString();
    }
}
