package dev.sluice.analysis.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.transport.HttpReply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Errors of providers and gateways, each with its row of the table. */
class KnownErrorTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                // OpenAI
                "429 | {'error':{'code':'insufficient_quota','type':'insufficient_quota'}} | OUT_OF_FUNDS",
                "429 | {'error':{'code':null,'type':'insufficient_quota'}} | OUT_OF_FUNDS",
                "429 | {'error':{'code':'billing_not_active'}} | OUT_OF_FUNDS",
                "401 | {'error':{'code':401,'message':'no'}} | KEY_NOT_ACCEPTED",
                "429 | {'error':{'code':429}} | RATE_LIMITED",
                "429 | {'error':{'code':'rate_limit_exceeded','message':'Request too large for gpt-4.1"
                        + " on tokens per min'}} | LARGER_THAN_LIMIT",
                "429 | {'error':{'code':'rate_limit_exceeded','message':'Rate limit reached'}} |"
                        + " RATE_LIMITED",
                "400 | {'error':{'code':'model_not_found'}} | NOT_FOUND",
                "400 | {'error':{'code':'context_length_exceeded'}} | CONTEXT_TOO_LONG",
                "400 | {'error':'a text'} | BAD_REQUEST",
                "400 | {'detail':[{'msg':'x'}]} | BAD_REQUEST",
                "403 | {'error':{'code':'unsupported_country_region_territory'}} | NO_PERMISSION",
                "502 | <html> | BAD_GATEWAY",
                "500 | [] | SERVER_ERROR",
                "500 | {'error':{'message':'incorrect api key in the text of a page'}} | SERVER_ERROR",
                // Azure
                "404 | {'error':{'code':'DeploymentNotFound'}} | NOT_FOUND",
                "400 | {'error':{'code':'content_filter','innererror':{'code':"
                        + "'ResponsibleAIPolicyViolation'}}} | CONTENT_REJECTED",
                // Anthropic
                "400 | {'error':{'type':'invalid_request_error','message':'Your credit balance is too"
                        + " low'}} | OUT_OF_FUNDS",
                "400 | {'error':{'type':'invalid_request_error','message':'You have reached your"
                        + " specified API usage limits.'}} | OUT_OF_FUNDS",
                "400 | {'error':{'message':'This organization has been disabled.'}} | OUT_OF_FUNDS",
                "400 | {'error':{'type':'invalid_request_error','message':'prompt is too long: 210000"
                        + " tokens > 200000 maximum'}} | CONTEXT_TOO_LONG",
                "529 | overloaded | OVERLOADED",
                // Gemini
                "400 | [{'error':{'code':400,'message':'API key not valid. Please pass a valid API"
                        + " key.','status':'INVALID_ARGUMENT','details':[{'reason':"
                        + "'API_KEY_INVALID'}]}}] | KEY_NOT_ACCEPTED",
                "429 | [{'error':{'code':429,'status':'RESOURCE_EXHAUSTED','message':'You exceeded"
                        + " your current quota, please check your plan and billing details'}}] |"
                        + " RATE_LIMITED",
                "503 | [{'error':{'status':'UNAVAILABLE','message':'The model is overloaded.'}}] |"
                        + " SERVICE_UNAVAILABLE",
                "400 | {'error':{'status':'FAILED_PRECONDITION','message':'User location is not"
                        + " supported for the API use.'}} | NO_PERMISSION",
                // Groq
                "413 | {'error':{'message':'Request too large for model `x` on tokens per minute"
                        + " (TPM)','type':'tokens','code':'rate_limit_exceeded'}} | LARGER_THAN_LIMIT",
                "400 | {'error':{'code':'json_validate_failed','failed_generation':'{'}} |"
                        + " FAILED_GENERATION",
                "400 | {'error':{'code':'model_decommissioned'}} | NOT_FOUND",
                "498 | {'error':{'code':'capacity_exceeded'}} | OVERLOADED",
                // DeepSeek
                "402 | {'error':{'message':'Insufficient Balance'}} | OUT_OF_FUNDS",
                "400 | {'error':{'message':'Model Not Exist','type':'invalid_request_error'}} |"
                        + " NOT_FOUND",
                // OpenRouter
                "400 | {'error':{'code':400,'message':'foo/bar is not a valid model ID'}} | NOT_FOUND",
                "404 | {'error':{'code':404,'message':'No endpoints found for foo'}} | NOT_FOUND",
                "403 | {'error':{'code':403,'message':'Your chosen model requires moderation and your"
                        + " input was flagged'}} | CONTENT_REJECTED",
                // LiteLLM
                "400 | {'error':{'type':'budget_exceeded','code':'400','message':'Budget has been"
                        + " exceeded! Current cost: 1, Max budget: 1'}} | OUT_OF_FUNDS",
                "429 | {'error':{'type':'budget_exceeded','code':'429'}} | OUT_OF_FUNDS",
                "400 | {'error':{'message':'/chat/completions: Invalid model name passed in'}} |"
                        + " NOT_FOUND",
                // vLLM
                "404 | {'object':'error','message':'The model `x` does not exist.','type':"
                        + "'NotFoundError','code':404} | NOT_FOUND",
                "400 | {'object':'error','message':'maximum context length is 4096 tokens','type':"
                        + "'BadRequestError','code':400} | CONTEXT_TOO_LONG",
                // words quoted from the request
                "400 | {'error':{'message':'Invalid value: `invalid api key` in messages[1]'}} | BAD_REQUEST",
                "422 | {'detail':'Input should be a valid list [input_value=no credit balance]'} |"
                        + " UNPROCESSABLE",
                "400 | {'error':{'message':'{x: unknown model, overloaded}'}} | BAD_REQUEST",
                // others
                "400 | {'error':{'message':'The engine is currently overloaded'}} | OVERLOADED",
                "424 | {'message':'Failed Dependency'} | OVERLOADED",
                "425 | {} | OVERLOADED",
                "407 | {} | PROXY_AUTHENTICATION",
            })
    void errorBelongsToItsRow(int status, String body, ProviderReply row) {
        assertThat(ProviderReply.of(error(status, body))).isEqualTo(row);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "{'error':{'code':402,'message':'Insufficient credits'}} | OUT_OF_FUNDS",
                "{'error':{'code':'429','message':'slow'}} | RATE_LIMITED",
                "{'error':{'code':502}} | BAD_GATEWAY",
                "{'choices':[{'error':{'code':503},'message':{'content':'half'}}]} |"
                        + " SERVICE_UNAVAILABLE",
                "{'type':'error','error':{'type':'overloaded_error'}} | OVERLOADED",
                "{'type':'error','error':{'type':'rate_limit_error'}} | RATE_LIMITED",
                "{'error':{'code':'invalid_api_key'}} | KEY_NOT_ACCEPTED",
                "{'error':{'type':'server_error'}} | SERVER_ERROR",
                "{'error':'upstream went away'} | ERROR_IN_ANSWER",
                "{'error':{'message':'boom'},'choices':[]} | ERROR_IN_ANSWER",
            })
    void errorInAnAnswerIsHandledByItsStatus(String body, ProviderReply row) {
        assertThat(ProviderError.in(Envelope.read(utf8(body))).map(ProviderReply::of))
                .contains(row);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "{'error':null,'choices':[{'message':{'content':'x'}}]}",
                "{'error':'','choices':[{'message':{'content':'x'}}]}",
                "{'error':{'code':0},'choices':[{'message':{'content':'x'}}]}",
                "{'choices':[{'message':{'content':'x'},'error':null}]}",
            })
    void answerBesideAnEmptyErrorIsAnAnswer(String body) {
        assertThat(ProviderError.in(Envelope.read(utf8(body)))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "{'error':{'message':'Rate limit reached. Please try again in 2.59s.'}} | PT2.59S",
                "{'error':{'message':'Please try again in 1m12.5s. Visit'}} | PT1M12.5S",
                "{'error':{'message':'Please retry in 34.074824224s.'}} | PT34.074824224S",
                "{'error':{'message':'try again in 20ms'}} | PT0.02S",
                "{'error':{'message':'Please retry after 10 seconds.'}} | PT10S",
                "{'error':{'details':[{'retryDelay':'34s'}]}} | PT34S",
                "{'error':{'message':'try again later'}} | ",
                "{'error':{'message':'try again in 23h59m12s'}} | PT23H59M12S",
                "{'error':{'message':'retry after 1764374400'}} | ",
                "{'error':{'message':'try again after 2026-11-30'}} | ",
                "{'error':{'message':'try again in 20'}} | PT20S",
            })
    void delayInTheBodyIsRead(String body, Duration wait) {
        assertThat(error(429, body).retryAfter()).isEqualTo(Optional.ofNullable(wait));
    }

    @Test
    void noPauseIsLongerThanTenMinutes() {
        ModelReply reply =
                error(429, "{'error':{'message':'try again in 23h59m12s'}}")
                        .reply(Optional.empty());

        assertThat(((ModelReply.Throttled) reply).retryAfter())
                .contains(ResponseHeaders.LONGEST_PAUSE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '§',
            value = {
                "401 | {} | false",
                "400 | {'error':{'code':'invalid_api_key'}} | false",
                "400 | {'error':{'message':'API key not valid'}} | true",
                "403 | <html>firewall</html> | true",
                "403 | {'error':{'type':'permission_error'}} | false",
            })
    void errorThatMayBeTheRequestsFaultIsMarked(int status, String body, boolean maybe) {
        ModelReply reply = error(status, body).reply(Optional.empty());

        assertThat(((ModelReply.Blocked) reply).fault())
                .isEqualTo(maybe ? ModelReply.Fault.UNCERTAIN : ModelReply.Fault.DEPLOYMENT);
    }

    private static ProviderError error(int status, String body) {
        return ProviderError.of(new HttpReply(status, _ -> Optional.empty(), utf8(body)));
    }

    private static byte[] utf8(String body) {
        return body.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }
}
