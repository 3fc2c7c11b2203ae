package dev.sluice.analysis.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.price.TokenUsage;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of servers whose chat completions differ from OpenAI's. */
class AnswerDialectsTest {
    private static final TokenUsage USAGE = new TokenUsage(900, 0, 0, 12, 0);
    private static final String COUNTED =
            "'usage':{'prompt_tokens':900,'completion_tokens':12,'total_tokens':912}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'the answer'",
                "[{'type':'text','text':'the answer'}]",
                "[{'type':'thinking','thinking':[{'type':'text','text':'hm {'}]},"
                        + "{'type':'text','text':'the '},{'type':'text','text':'answer'}]",
                "[{'type':'reasoning','text':'hm'},{'type':'output_text','text':'the answer'}]",
                "['the answer']",
            })
    void contentInPartsIsJoinedWithoutReasoning(String content) throws Exception {
        assertAnswered("{'choices':[{'message':{'content':" + content + "}}]," + COUNTED + "}");
    }

    @Test
    void nonNumbersAndRawControlCharactersAreTolerated() throws Exception {
        assertAnswered(
                "{'created':NaN,'note':'a\u0007b\tc','choices':[{'logprobs':{'x':-Infinity},"
                        + "'message':{'content':'the answer'}}],"
                        + COUNTED
                        + "}");
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202})
    void anySuccessWithAnAnswerIsAnAnswer(int status) throws Exception {
        String body = "{'choices':[{'message':{'content':'the answer'}}]," + COUNTED + "}";
        try (ScriptedProvider scripted =
                ScriptedProvider.answering(status, Map.of(), body.replace('\'', '"'))) {
            assertThat(OneCall.answered(OneCall.openAi(scripted, "gpt-4.1-mini")).text())
                    .isEqualTo("the answer");
        }
    }

    @Test
    void unrequestedEventsAreAssembled() throws Exception {
        assertAnswered(
                "data: {'id':'c','choices':[{'delta':{'role':'assistant','content':'the '}}]}\n\n"
                        + ": keep-alive\n\n"
                        + "data: {'choices':[{'delta':{'content':'answer'},'finish_reason':null}]}\n\n"
                        + "data: {'choices':[{'delta':{},'finish_reason':'stop'}]}\n\n"
                        + "data: {'choices':[],"
                        + COUNTED
                        + "}\n\ndata: [DONE]\n\n");
    }

    @Test
    void incompleteEventsAreNotAnAnswer() throws Exception {
        assertThat(
                        reply(
                                "data: {'choices':[{'delta':{'content':'the '}}]}\n\n"
                                        + "data: {'error':{'code':502,'message':'gone'}}\n\n"))
                .isInstanceOfSatisfying(
                        ModelReply.Unavailable.class,
                        broken -> assertThat(broken.httpStatus()).hasValue(502));
        assertThat(reply("data: {'choices':[{'delta':{'content':'the '}}]}\n\n"))
                .isInstanceOf(ModelReply.Unavailable.class);
    }

    @ParameterizedTest
    @CsvSource({
        "model_length, LENGTH",
        "max_tokens, LENGTH",
        "MAX_TOKENS, LENGTH",
        "length, LENGTH",
        "stop, STOP",
        "SAFETY, CONTENT_FILTER",
        "something_new, OTHER",
    })
    void finishReasonsOfOtherServersAreKnown(String reported, FinishReason reason)
            throws Exception {
        String body =
                "{'choices':[{'finish_reason':'%s','message':{'content':'x'}}],%s}"
                        .formatted(reported, COUNTED);
        assertThat(OneCall.answered(reply(body)).finish()).isEqualTo(reason);
    }

    /** Counted tokens are charged even if the answer is unusable. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'choices':[{'finish_reason':'error','message':{'content':'half'}}],",
                "{'choices':[{'finish_reason':'abort','message':{'content':''}}],",
                "{'choices':[{'finish_reason':'insufficient_system_resource','message':{}}],",
                "{'choices':[{'message':{'content':{'a':1}}}],",
                "{'choices':[{'error':{'code':503},'message':{'content':'half'}}],",
                "{'result':'something else',",
            })
    void usageIsReadEvenIfTheAnswerIsUnusable(String beginning) throws Exception {
        assertThat(reply(beginning + COUNTED + "}"))
                .isInstanceOfSatisfying(
                        ModelReply.Unavailable.class,
                        broken -> {
                            assertThat(broken.usage()).contains(USAGE);
                            assertThat(broken.isAnswerLost()).isFalse();
                        });
    }

    @Test
    void failedGenerationIsJudged() throws Exception {
        String body =
                "{'error':{'code':'json_validate_failed','failed_generation':'{not json'}}"
                        .replace('\'', '"');
        try (ScriptedProvider scripted = ScriptedProvider.answering(400, Map.of(), body)) {
            ModelReply.Answered answered =
                    OneCall.answered(OneCall.openAi(scripted, "gpt-4.1-mini"));
            assertThat(answered.text()).isEqualTo("{not json");
            assertThat(answered.usage()).isEqualTo(Optional.empty());
        }
    }

    private static void assertAnswered(String body) throws Exception {
        ModelReply.Answered answered = OneCall.answered(reply(body));
        assertThat(answered.text()).isEqualTo("the answer");
        assertThat(answered.usage()).contains(USAGE);
    }

    private static ModelReply reply(String body) throws Exception {
        try (ScriptedProvider scripted =
                ScriptedProvider.answering(200, Map.of(), body.replace('\'', '"'))) {
            return OneCall.openAi(scripted, "gpt-4.1-mini");
        }
    }
}
