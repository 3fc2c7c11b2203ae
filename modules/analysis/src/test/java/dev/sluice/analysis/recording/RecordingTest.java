package dev.sluice.analysis.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.transport.HttpCall;
import dev.sluice.analysis.transport.HttpReply;
import dev.sluice.analysis.transport.HttpSender;
import dev.sluice.analysis.transport.NotSentException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingTest {
    private static final String SECRET = "sk-canary-0123456789abcdef0123456789";
    private static final String ORGANIZATION = "org-canary-0123456789abcdef";
    @TempDir private Path folder;

    private static HttpCall call(String json) {
        return new HttpCall(
                URI.create("https://api.example/v1/chat/completions"),
                Map.of("Authorization", "Bearer " + SECRET, "x-project-id", ORGANIZATION),
                json.getBytes(StandardCharsets.UTF_8),
                Duration.ofSeconds(1));
    }

    private static HttpReply reply(int status, String body) {
        Map<String, String> headers =
                Map.of(
                        "content-type", "application/json",
                        "openai-organization", ORGANIZATION,
                        "set-cookie", "session=" + SECRET,
                        "x-ratelimit-remaining-requests", "17",
                        "retry-after", "2");
        return new HttpReply(
                status,
                name -> Optional.ofNullable(headers.get(name)),
                body.getBytes(StandardCharsets.UTF_8));
    }

    private void record(HttpSender sender, String... bodies) throws Exception {
        Recorder recorder = new Recorder(sender, Recordings.open(folder), () -> Instant.EPOCH);
        for (String body : bodies) {
            try {
                var _ = recorder.send(call(body));
            } catch (IOException e) {
                // Recorded, too.
                assertThat(e).isNotNull();
            }
        }
    }

    private Replayer replayer() throws IOException {
        return new Replayer(Recordings.open(folder));
    }

    @Test
    void replayAnswersAsTheProviderDid() throws Exception {
        record(call -> reply(429, "{\"error\":\"slow down\"}"), "{\"a\":1,\"b\":[2]}");

        HttpReply replayed = replayer().send(call("{\"b\":[2],\"a\":1}"));

        assertThat(replayed.status()).isEqualTo(429);
        assertThat(replayed.body()).asString().isEqualTo("{\"error\":\"slow down\"}");
        assertThat(replayed.headers().value("content-type")).hasValue("application/json");
        assertThat(replayed.headers().value("retry-after")).isEmpty();
        // Recorded, but a replay has nothing to pace.
        assertThat(replayed.headers().value("x-ratelimit-remaining-requests")).isEmpty();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(Files.readString(files.findFirst().orElseThrow()))
                    .contains("\"x-ratelimit-remaining-requests\" : \"17\"");
        }
        assertThat(replayed.headers().value("set-cookie")).isEmpty();
    }

    @Test
    void sameRequestAgainGetsTheNextRecording() throws Exception {
        int[] number = {0};
        record(call -> reply(200, "{\"n\":" + ++number[0] + "}"), "{}", "{}", "{}");

        Replayer replayer = replayer();

        for (int expected : new int[] {1, 2, 3}) {
            assertThat(replayer.send(call("{}")).body())
                    .asString()
                    .isEqualTo("{\"n\":" + expected + "}");
        }
        // One answer is one observation.
        assertThatThrownBy(() -> replayer.send(call("{}")))
                .hasMessageContaining("recorded 3 times, and asked once more");
    }

    @Test
    void failuresAreReplayed() throws Exception {
        record(
                call -> {
                    throw new SocketTimeoutException("late");
                },
                "{\"n\":1}");
        record(
                call -> {
                    throw new NotSentException("refused", new IOException());
                },
                "{\"n\":2}");
        record(
                call -> {
                    throw new IOException("reset");
                },
                "{\"n\":3}");

        Replayer replayer = replayer();

        assertThatThrownBy(() -> replayer.send(call("{\"n\":1}")))
                .isInstanceOf(SocketTimeoutException.class);
        assertThatThrownBy(() -> replayer.send(call("{\"n\":2}")))
                .isInstanceOf(NotSentException.class);
        assertThatThrownBy(() -> replayer.send(call("{\"n\":3}")))
                .isExactlyInstanceOf(IOException.class);
    }

    @Test
    void missNamesTheNearestRecordingAndTheDifference() throws Exception {
        record(
                call -> reply(200, "{}"),
                "{\"model\":\"a\",\"messages\":[{\"content\":\"Page one\"}]}",
                "{\"model\":\"z\",\"messages\":[{\"content\":\"Other\"}],\"x\":1}");

        Replayer replayer = replayer();

        assertThatThrownBy(() ->
                        replayer.send(
                                call(
                                        "{\"model\":\"a\",\"messages\":[{\"content\":\"Page two\"}]}")))
                .isInstanceOf(MissingRecordingException.class)
                .hasMessageContaining("/messages/0/content: recorded '…one', asked '…two'")
                .hasMessageNotContaining("/model");
        assertThat(replayer.misses()).hasSize(1);
    }

    @Test
    void noRecordingHasASecret() throws Exception {
        record(
                call ->
                        reply(
                                401,
                                "{\"error\":\"wrong key " + SECRET + " of " + ORGANIZATION + "\"}"),
                "{\"content\":\"my key is " + SECRET + "\"}",
                "{\"content\":\"and\\nBearer abcdefgh12345678\"}",
                "{\"content\":\"API key:\\nsk-proj-canary0123456789abcdef\"}");

        try (Stream<Path> files = Files.list(folder)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(3);
            for (Path file : all) {
                assertThat(Files.readString(file))
                        .doesNotContain(SECRET)
                        .doesNotContain(ORGANIZATION)
                        .doesNotContain("abcdefgh12345678")
                        .doesNotContain("canary");
            }
        }
        // The same key is found again, though the file does not have the secret.
        assertThat(replayer().send(call("{\"content\":\"my key is " + SECRET + "\"}")).status())
                .isEqualTo(401);
    }

    @Test
    void fieldsWhoseNamesLookLikeKeysStay() throws Exception {
        record(call -> reply(200, "{\"key_findings_and_recommendations\":\"none\"}"), "{}");

        assertThat(replayer().send(call("{}")).body())
                .asString()
                .isEqualTo("{\"key_findings_and_recommendations\":\"none\"}");
    }

    @Test
    void recordingThatCannotBeWrittenIsNoLostConnection() throws Exception {
        Files.writeString(folder.resolve("file"), "");
        Recorder recorder =
                new Recorder(
                        call -> reply(200, "{}"),
                        Recordings.open(folder.resolve("file/folder")),
                        () -> Instant.EPOCH);

        assertThatThrownBy(() -> recorder.send(call("{}")))
                .isInstanceOf(java.io.UncheckedIOException.class);
    }

    @Test
    void fileOfSomethingElseIsNamed() throws Exception {
        Files.writeString(folder.resolve("x.json"), "{");

        assertThatThrownBy(() -> Recordings.open(folder)).hasMessageContaining("is no recording");
    }
}
