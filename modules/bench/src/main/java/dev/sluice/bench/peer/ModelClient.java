package dev.sluice.bench.peer;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.http.client.jdk.JdkHttpClientBuilder;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.sluice.bench.pipeline.Installation;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executors;
import org.springframework.ai.openai.OpenAiChatOptions;

/** A library that calls the model. Safe for use by many threads. */
interface ModelClient {
    /** As long as Sluice's own prompt for tickets. */
    String PROMPT = "Triage the ticket. ".repeat(100);

    String MODEL = "gpt-4.1-mini";
    int MAX_TOKENS = 600;
    Duration TIMEOUT = Duration.ofMinutes(5);

    /** The most calls at once that openai-java's own HTTP client does well (B2). */
    int MOST_OF_OPENAI_JAVA = 1_000;

    /** The model's answer to a text. */
    String answer(String content);

    /** openai-java with its own HTTP client. */
    static ModelClient openAiJava(Installation installation, int open) {
        OpenAIClient client = openAi(installation, open);
        return content ->
                client.chat()
                        .completions()
                        .create(
                                ChatCompletionCreateParams.builder()
                                        .model(MODEL)
                                        .maxCompletionTokens(MAX_TOKENS)
                                        .addSystemMessage(PROMPT)
                                        .addUserMessage(content)
                                        .build())
                        .choices()
                        .getFirst()
                        .message()
                        .content()
                        .orElseThrow();
    }

    /** Spring AI, which uses openai-java. */
    static ModelClient springAi(Installation installation, int open) {
        OpenAIClient client = openAi(installation, open);
        var chat =
                org.springframework.ai.openai.OpenAiChatModel.builder()
                        .openAiClient(client)
                        .openAiClientAsync(client.async())
                        .options(
                                OpenAiChatOptions.builder()
                                        .model(MODEL)
                                        .maxCompletionTokens(MAX_TOKENS)
                                        .build())
                        .build();
        return content ->
                Objects.requireNonNull(
                        chat.call(
                                new org.springframework.ai.chat.messages.SystemMessage(PROMPT),
                                new org.springframework.ai.chat.messages.UserMessage(content)));
    }

    /** LangChain4j with the JDK's HTTP client on virtual threads. */
    static ModelClient langChain4j(Installation installation) {
        OpenAiChatModel chat =
                OpenAiChatModel.builder()
                        .httpClientBuilder(
                                new JdkHttpClientBuilder()
                                        .httpClientBuilder(
                                                HttpClient.newBuilder()
                                                        .version(HttpClient.Version.HTTP_1_1)
                                                        .executor(
                                                                Executors
                                                                        .newVirtualThreadPerTaskExecutor())))
                        .baseUrl(installation.model())
                        .apiKey("key")
                        .modelName(MODEL)
                        .maxCompletionTokens(MAX_TOKENS)
                        .maxRetries(0)
                        .timeout(TIMEOUT)
                        .build();
        return content ->
                chat.chat(SystemMessage.from(PROMPT), UserMessage.from(content)).aiMessage().text();
    }

    /** The library that does this number of calls at once best. */
    static ModelClient bestFor(Installation installation, int open) {
        return open <= MOST_OF_OPENAI_JAVA
                ? openAiJava(installation, open)
                : langChain4j(installation);
    }

    private static OpenAIClient openAi(Installation installation, int open) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(installation.model())
                .apiKey("key")
                .maxRetries(0)
                .timeout(TIMEOUT)
                // With the default of five, nearly every call would open a new connection.
                .maxIdleConnections(2 * open)
                .keepAliveDuration(Duration.ofMinutes(5))
                .build();
    }
}
