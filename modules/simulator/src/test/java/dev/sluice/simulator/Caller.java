package dev.sluice.simulator;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Calls a simulator over HTTP and returns the answer byte for byte. */
final class Caller {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Simulator simulator;

    Caller(Simulator simulator) {
        this.simulator = simulator;
    }

    /** An HTTP answer. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Answer(int status, java.net.http.HttpHeaders headers, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }

        /** A value in the JSON, by its pointer. */
        String at(String pointer) {
            return json().at(pointer).asString();
        }

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    static Answer ofFault(String fault, boolean chat) throws IOException, InterruptedException {
        SimulatorSettings settings =
                SimulatorSettings.defaults().withFaults(FaultRates.parse(fault + "=1"), 1);
        try (Simulator simulator = Simulator.start(settings)) {
            return chat ? new Caller(simulator).chat() : new Caller(simulator).message();
        }
    }

    Answer chat() throws IOException, InterruptedException {
        return chat("k", chatBody("gpt-4.1-mini"));
    }

    Answer chat(String key, ObjectNode body) throws IOException, InterruptedException {
        return post(simulator.baseUrl() + "/chat/completions", key, body);
    }

    Answer message() throws IOException, InterruptedException {
        ObjectNode body = JsonMapper.shared().createObjectNode().put("model", "claude-haiku-4-5");
        body.put("max_tokens", 4_000).put("system", "s");
        body.putArray("messages")
                .addObject()
                .put("role", "user")
                .put("content", "What is this page about?");
        return post(simulator.anthropicBaseUrl() + "/v1/messages", "k", body);
    }

    static ObjectNode chatBody(String model) {
        ObjectNode body = JsonMapper.shared().createObjectNode().put("model", model);
        body.putArray("messages")
                .addObject()
                .put("role", "user")
                .put("content", "What is this page about?");
        ObjectNode schema =
                body.putObject("response_format")
                        .put("type", "json_schema")
                        .putObject("json_schema")
                        .put("name", "page")
                        .putObject("schema")
                        .put("type", "object");
        ObjectNode fields = schema.putObject("properties");
        fields.putObject("title").put("type", "string");
        fields.putObject("score").put("type", "integer").put("minimum", 1).put("maximum", 10);
        return body;
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(simulator.anthropicBaseUrl().resolve(path)).build();
        return JsonMapper.shared()
                .readTree(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }

    private static Answer post(String url, String key, ObjectNode body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url))
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()));
        if (!key.isEmpty()) {
            request.header("Authorization", "Bearer " + key);
        }
        HttpResponse<byte[]> response =
                HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        return new Answer(response.statusCode(), response.headers(), response.body());
    }
}
