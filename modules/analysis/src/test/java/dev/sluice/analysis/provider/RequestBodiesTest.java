package dev.sluice.analysis.provider;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.core.ObjectMappers;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.sluice.analysis.model.AnswerSpec;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.Message.Role;
import dev.sluice.analysis.model.ModelRequest;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.json.JsonMapper;

class RequestBodiesTest {
    private static final ObjectMapper SDK = ObjectMappers.jsonMapper();
    private static final AnswerSpec ANSWER =
            new AnswerSpec("any", JsonMapper.shared().createObjectNode(), 100, Optional.of(0.5));

    private int written;
    private final RequestBodies bodies =
            new RequestBodies(
                    SDK.writer(),
                    request -> {
                        written++;
                        return parameters(request)._body();
                    });

    @Property
    void bodiesEqualThoseOfTheSdk(@ForAll("texts") String system, @ForAll("texts") String content)
            throws IOException {
        ModelRequest request = request(system, content);

        assertThat(SDK.readTree(bodies.write(request)))
                .isEqualTo(SDK.valueToTree(parameters(request)._body()));
    }

    @Example
    void sharedPartIsWrittenOnce() {
        for (String content : List.of("one", "two", "three")) {
            assertThat(bodies.write(request("system", content))).asString().contains(content);
        }

        assertThat(written).isEqualTo(1);
    }

    @Example
    void definitionWithThePlaceholderIsWrittenInFull() throws IOException {
        String mark = "sluice:the-content-goes-here:3c1f6a2e";
        ModelRequest request = request("Say " + mark, "content");

        assertThat(bodies.write(request))
                .isEqualTo(SDK.writeValueAsBytes(parameters(request)._body()));
    }

    @Example
    void longerConversationIsWrittenInFull() throws IOException {
        ModelRequest request =
                new ModelRequest(
                        List.of(
                                new Message(Role.SYSTEM, "system"),
                                new Message(Role.USER, "content"),
                                new Message(Role.ASSISTANT, "answer"),
                                new Message(Role.USER, "complaint")),
                        ANSWER);

        assertThat(bodies.write(request))
                .isEqualTo(SDK.writeValueAsBytes(parameters(request)._body()));
    }

    /** Unpaired surrogates are removed before; UTF-8 cannot encode them. */
    @Provide
    static Arbitrary<String> texts() {
        return Arbitraries.strings()
                .all()
                .filter(text ->
                        text.codePoints()
                                .noneMatch(c -> Character.getType(c) == Character.SURROGATE));
    }

    private static ModelRequest request(String system, String content) {
        return new ModelRequest(
                List.of(new Message(Role.SYSTEM, system), new Message(Role.USER, content)), ANSWER);
    }

    private static ChatCompletionCreateParams parameters(ModelRequest request) {
        var parameters = ChatCompletionCreateParams.builder().model("any");
        for (Message message : request.messages()) {
            switch (message.role()) {
                case SYSTEM -> parameters.addSystemMessage(message.text());
                case USER -> parameters.addUserMessage(message.text());
                case ASSISTANT -> parameters.addAssistantMessage(message.text());
            }
        }
        return parameters.build();
    }
}
