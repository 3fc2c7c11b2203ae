package dev.sluice.simulator;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * A request to the model, independent of the provider's interface.
 *
 * @param schemaName name of the answer's schema; empty if there is none
 * @param schema the schema itself; missing if there is none
 * @param viaTool whether the answer must be the input of a tool of that name
 * @param tier the requested service tier; empty if there is none
 */
record ChatRequest(
        String model,
        List<Message> messages,
        String schemaName,
        JsonNode schema,
        boolean viaTool,
        int maxOutputTokens,
        String tier) {

    /** One message. */
    record Message(String role, String text) {
        static Message of(JsonNode message) {
            return new Message(
                    message.path("role").asString(""), ChatRequest.text(message.path("content")));
        }
    }

    private static final Pattern FENCE = Pattern.compile("two lines that read (\\S+)\\.");

    /** All messages as one text, for counting tokens and for drawing random values. */
    String said() {
        StringBuilder said = new StringBuilder();
        messages.forEach(message -> said.append(message.text()).append('\n'));
        return said.toString();
    }

    String instructions() {
        return messages.isEmpty() ? "" : messages.getFirst().text();
    }

    /** The text between the fence lines that the prompt names; the whole text if it names none. */
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

    /** Content is either a text or a list of parts with texts. */
    static String text(JsonNode content) {
        if (content.isString()) {
            return content.asString();
        }
        StringBuilder parts = new StringBuilder();
        content.forEach(part -> parts.append(part.path("text").asString("")));
        return parts.toString();
    }
}
