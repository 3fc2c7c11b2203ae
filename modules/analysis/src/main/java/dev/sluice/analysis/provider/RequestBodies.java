package dev.sluice.analysis.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.sluice.analysis.concurrent.Memo;
import dev.sluice.analysis.model.AnswerSpec;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.Message.Role;
import dev.sluice.analysis.model.ModelRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Writer of request bodies in the form of the provider's SDK. The first calls of an analysis differ
 * only in the content: the SDK writes one of them with a placeholder for the content, and the
 * others are made from that template. Longer conversations are written in full. Safe for use by
 * many threads.
 */
final class RequestBodies {
    private static final String MARK = "sluice:the-content-goes-here:3c1f6a2e";

    private final ObjectWriter writer;
    private final Function<ModelRequest, Object> parameters;
    private final Memo<Prefix, Optional<Template>> templates = new Memo<>();

    /**
     * @param writer the SDK's writer
     * @param parameters maps a request to the object that the SDK writes
     */
    RequestBodies(ObjectWriter writer, Function<ModelRequest, Object> parameters) {
        this.writer = writer;
        this.parameters = parameters;
    }

    /** The part that all first calls of one analysis share. */
    private record Prefix(AnswerSpec answer, List<Message> before) {}

    /** Bytes of the body before and after the content. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Template(byte[] before, byte[] after) {
        byte[] with(String content) {
            byte[] quoted = JsonStringEncoder.getInstance().quoteAsUTF8(content);
            byte[] body = new byte[before.length + quoted.length + after.length];
            System.arraycopy(before, 0, body, 0, before.length);
            System.arraycopy(quoted, 0, body, before.length, quoted.length);
            System.arraycopy(after, 0, body, before.length + quoted.length, after.length);
            return body;
        }
    }

    byte[] write(ModelRequest request) {
        List<Message> messages = request.messages();
        Message last = messages.getLast();
        List<Message> before = messages.subList(0, messages.size() - 1);
        boolean isFirst =
                last.role() == Role.USER
                        && before.stream().allMatch(message -> message.role() == Role.SYSTEM);
        return isFirst
                ? templates
                        .get(new Prefix(request.answer(), before), this::template)
                        .map(template -> template.with(last.text()))
                        .orElseGet(() -> whole(request))
                : whole(request);
    }

    /** The template; empty if the definition contains the placeholder. */
    private Optional<Template> template(Prefix prefix) {
        List<Message> marked = new ArrayList<>(prefix.before());
        marked.add(new Message(Role.USER, MARK));
        String text =
                new String(
                        whole(new ModelRequest(marked, prefix.answer())), StandardCharsets.UTF_8);
        int mark = text.indexOf(MARK);
        return mark == text.lastIndexOf(MARK)
                ? Optional.of(
                        new Template(
                                utf8(text.substring(0, mark)),
                                utf8(text.substring(mark + MARK.length()))))
                : Optional.empty();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] whole(ModelRequest request) {
        try {
            return writer.writeValueAsBytes(parameters.apply(request));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a request cannot be written as JSON", e);
        }
    }
}
