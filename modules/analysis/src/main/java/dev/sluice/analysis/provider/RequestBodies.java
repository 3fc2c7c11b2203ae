package dev.sluice.analysis.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.sluice.analysis.model.AnswerSpec;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.Message.Role;
import dev.sluice.analysis.model.ModelRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Writes requests as their provider's SDK does. All first calls of an analysis are the same but for
 * the content: the SDK writes one of them, with a mark where the content goes, and the others are
 * made from it. Conversations that went further are written whole. Safe for use by many threads.
 */
final class RequestBodies {
    private static final String MARK = "sluice:the-content-goes-here:3c1f6a2e";

    private final ObjectWriter writer;
    private final Function<ModelRequest, Object> parameters;
    private final ConcurrentMap<Opening, Optional<Form>> forms = new ConcurrentHashMap<>();

    /**
     * @param writer the SDK's own
     * @param parameters what the SDK writes for a request
     */
    RequestBodies(ObjectWriter writer, Function<ModelRequest, Object> parameters) {
        this.writer = writer;
        this.parameters = parameters;
    }

    /** What first calls of one analysis have in common. */
    private record Opening(AnswerSpec answer, List<Message> before) {}

    /** What is before and after the content. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Form(byte[] before, byte[] after) {
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
                ? forms.computeIfAbsent(new Opening(request.answer(), before), this::form)
                        .map(form -> form.with(last.text()))
                        .orElseGet(() -> whole(request))
                : whole(request);
    }

    /** Empty if a definition has the mark in it. */
    private Optional<Form> form(Opening opening) {
        List<Message> marked = new ArrayList<>(opening.before());
        marked.add(new Message(Role.USER, MARK));
        String text =
                new String(
                        whole(new ModelRequest(marked, opening.answer())), StandardCharsets.UTF_8);
        int mark = text.indexOf(MARK);
        return mark == text.lastIndexOf(MARK)
                ? Optional.of(
                        new Form(
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
