package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class SimulatorTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @Test
    void runsRepeatInAnyOrderOfCalls() throws Exception {
        FaultRates rates = FaultRates.parse("malformed=0.3,error=0.2,refusal=0.1");
        List<Integer> forwards = statuses(rates, 5, false);
        List<Integer> backwards = statuses(rates, 5, true);

        assertThat(forwards).contains(200, 500).isEqualTo(backwards);
        assertThat(statuses(rates, 6, false)).isNotEqualTo(forwards);
    }

    @Test
    void billAddsUpByKeyAndLeavesOutWhatIsNotCharged() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults())) {
            JsonNode first = JSON.readTree(post(simulator, "one", body("a")).body());
            post(simulator, "two", body("b"));
            post(simulator, "two", "no json");

            JsonNode bill = JSON.readTree(get(simulator).body());
            JsonNode two = bill.path(MaskedKey.of("two"));
            long input = first.path("usage").path("prompt_tokens").asLong();
            long output = first.path("usage").path("completion_tokens").asLong();
            // 0.4 and 1.6 USD per million tokens
            assertThat(new BigDecimal(bill.path(MaskedKey.of("one")).path("usd").asString()))
                    .isEqualByComparingTo(new BigDecimal(input * 4 + output * 16).movePointLeft(7));
            assertThat(two.path("requests").asInt()).isEqualTo(2);
            assertThat(two.path("charged").asInt()).isEqualTo(1);
        }
    }

    @Test
    void billShowsNoKeyWhole() throws Exception {
        String key = "sk-proj-4f1c9d2e8a7b6c5d";
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults())) {
            post(simulator, key, body("a"));
            post(simulator, "sk-proj-4f1c9d2e8a7b6c5e", body("a"));
            post(simulator, "k", body("a"));

            String bill = get(simulator).body();
            assertThat(bill).doesNotContain(key).doesNotContain("\"k\"").contains("\"sk-p…");
            assertThat(JSON.readTree(bill).size()).as("number of different keys").isEqualTo(3);
        }
    }

    @Test
    void callsOverTheLimitAreRejectedAtOnceEvenIfAnswersAreSlow() throws Exception {
        SimulatorSettings settings =
                SimulatorSettings.defaults()
                        .withLatency(Duration.ofHours(1), Duration.ofHours(1))
                        .withFaults(FaultRates.parse("throttled=1"), 1);
        try (Simulator simulator = Simulator.start(settings)) {
            assertThat(new Caller(simulator).chat().status()).isEqualTo(429);
        }
    }

    @Test
    void callWithoutAKeyIsNotServed() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults())) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(simulator.baseUrl() + "/chat/completions"))
                            .POST(HttpRequest.BodyPublishers.ofString(body("a")))
                            .build();
            int status = HTTP.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
            assertThat(status).isEqualTo(401);
        }
    }

    @Test
    void otherAnalysesGetAValidInstanceOfTheirSchema() {
        ObjectNode schema =
                (ObjectNode)
                        JSON.readTree(
                                """
                                {"type":"object","additionalProperties":false,
                                 "required":["kind","note","score","tags","who","when"],"properties":{
                                 "kind":{"type":"string","enum":["bug","wish"]},
                                 "note":{"type":"string","minLength":40,"maxLength":60},
                                 "score":{"type":"number","minimum":2.5,"maximum":9},
                                 "tags":{"type":"array","minItems":2,"maxItems":3,"items":{"type":"integer","minimum":1,"maximum":5}},
                                 "who":{"type":"object","additionalProperties":false,"required":["vip"],"properties":{"vip":{"type":"boolean"}}},
                                 "when":{"anyOf":[{"type":"string","maxLength":30},{"type":"null"}]}}}
                                """);

        JsonNode made =
                SchemaInstance.of(
                        request(
                                schema,
                                "- note (string, from 40 to 60 characters): x\n"
                                        + "- when (string): y"));

        assertThat(
                        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                                .getSchema((JsonNode) schema)
                                .validate(made))
                .isEmpty();
    }

    @Test
    void quotesComeFromTheContent() {
        ObjectNode schema =
                (ObjectNode)
                        JSON.readTree(
                                """
                                {"type":"object","properties":{"quote":{"type":"string",
                                 "description":"A sentence, verbatim."}}}
                                """);

        JsonNode made =
                SchemaInstance.of(request(schema, "- quote (string, at most 11 characters): x"));

        assertThat(made.path("quote").asString()).isEqualTo("The content");
    }

    @Test
    void messagesAreAnsweredInAnthropicsForm() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults())) {
            JsonNode plain = JSON.readTree(postMessage(simulator, messageBody()).body());
            assertThat(plain.path("content").path(0).path("type").asString()).isEqualTo("text");
            assertThat(plain.path("stop_reason").asString()).isEqualTo("end_turn");
            assertThat(plain.path("usage").path("input_tokens").asLong()).isPositive();

            ObjectNode withTool = messageBody();
            withTool.putObject("tool_choice").put("type", "tool").put("name", "t");
            ObjectNode tool = withTool.putArray("tools").addObject().put("name", "t");
            tool.putObject("input_schema").put("type", "object").putObject("properties");
            JsonNode used = JSON.readTree(postMessage(simulator, withTool).body());
            assertThat(used.path("content").path(0).path("type").asString()).isEqualTo("tool_use");
            assertThat(used.path("stop_reason").asString()).isEqualTo("tool_use");

            HttpResponse<String> unknown =
                    postMessage(simulator, messageBody().put("model", "made-up"));
            assertThat(unknown.statusCode()).isEqualTo(404);
            assertThat(unknown.body()).contains("\"type\":\"not_found_error\"");
        }
    }

    @Test
    void reviewIsTrueOfItsPage() {
        ObjectNode review =
                SeoReviewer.review(
                        "<title>Short</title><h1>a</h1><h1>b</h1><h4>c</h4><img src=x><img src=y alt=z>");

        assertThat(review.path("title_tag").asString()).isEqualTo("Short");
        assertThat(review.path("title_length").asInt()).isEqualTo(5);
        assertThat(review.path("issues").valueStream().map(JsonNode::asString))
                .contains(
                        "The title is only 5 characters long.",
                        "The page has no meta description.",
                        "The page has 2 h1 headings.",
                        "Headings jump from h1 to h4.",
                        "1 of 2 images have no alt attribute.");
    }

    @Test
    void faultRatesAreCheckedWhenTheyAreRead() {
        assertThatThrownBy(() -> FaultRates.parse("broken=0.1"))
                .hasMessageContaining("known are")
                .hasMessageContaining("out-of-range");
        assertThatThrownBy(() -> FaultRates.parse("error=1.5")).hasMessageContaining("from 0 to 1");
        assertThatThrownBy(() -> FaultRates.parse("error")).hasMessageContaining("error=0.1");
        assertThatThrownBy(() -> FaultRates.parse("error=0.6,length=0.6"))
                .hasMessageContaining("above 1");
    }

    private static List<Integer> statuses(FaultRates rates, long seed, boolean reversed)
            throws Exception {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            order.add(reversed ? 39 - i : i);
        }
        Integer[] statuses = new Integer[40];
        try (Simulator simulator =
                Simulator.start(SimulatorSettings.defaults().withFaults(rates, seed))) {
            for (int i : order) {
                statuses[i] = post(simulator, "k", body("page " + i)).statusCode();
            }
        }
        return List.of(statuses);
    }

    private static ChatRequest request(ObjectNode schema, String instructions) {
        return new ChatRequest(
                "gpt-4.1-mini",
                List.of(
                        new ChatRequest.Message("system", instructions),
                        new ChatRequest.Message("user", "The content.")),
                "any",
                schema,
                false,
                1_000,
                "");
    }

    private static ObjectNode messageBody() {
        ObjectNode body = JSON.createObjectNode().put("model", "claude-haiku-4-5");
        body.put("max_tokens", 100).put("system", "s");
        body.putArray("messages").addObject().put("role", "user").put("content", "hi");
        return body;
    }

    private static HttpResponse<String> postMessage(Simulator simulator, ObjectNode body)
            throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(simulator.anthropicBaseUrl().resolve("/v1/messages"))
                        .header("x-api-key", "k")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static String body(String text) {
        ObjectNode body = JSON.createObjectNode().put("model", "gpt-4.1-mini");
        body.putArray("messages").addObject().put("role", "user").put("content", text);
        return body.toString();
    }

    private static HttpResponse<String> post(Simulator simulator, String key, String body)
            throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(simulator.baseUrl() + "/chat/completions"))
                        .header("Authorization", "Bearer " + key)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(Simulator simulator) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(simulator.baseUrl().resolve("/bill")).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
