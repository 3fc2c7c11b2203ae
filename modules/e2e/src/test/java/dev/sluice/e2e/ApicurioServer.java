package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.awaitility.Awaitility.await;

import dev.sluice.devkit.JavaProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A registry of Apicurio in a process of its own, with the API of Confluent's registry. */
final class ApicurioServer implements AutoCloseable {
    private static final int OK = 200;

    private final JavaProcess process;
    private final URI url;

    private ApicurioServer(JavaProcess process, URI url) {
        this.process = process;
        this.url = url;
    }

    /** Starts the server, which keeps its schemas in memory, and waits until it answers. */
    static ApicurioServer start(Path folder) throws IOException {
        int port = Ports.free();
        JavaProcess process =
                JavaProcess.command(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx384m",
                                "-Dquarkus.http.host=127.0.0.1",
                                "-Dquarkus.http.port=" + port,
                                "-Dquarkus.management.host=127.0.0.1",
                                "-Dquarkus.management.port=0",
                                "-jar",
                                Path.of("target/apicurio/quarkus-run.jar")
                                        .toAbsolutePath()
                                        .toString()),
                        Map.of(),
                        folder.resolve("apicurio.log"));
        URI url = URI.create("http://127.0.0.1:" + port + "/apis/ccompat/v7");
        ApicurioServer server = new ApicurioServer(process, url);
        try {
            await().atMost(PATIENCE).until(server::answers);
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw new IllegalStateException(process.log(), e);
        }
    }

    URI url() {
        return url;
    }

    /** Stops answering, with all connections left open. */
    void pause() throws IOException, InterruptedException {
        process.pause();
    }

    void resume() throws IOException, InterruptedException {
        process.resume();
    }

    @Override
    public void close() {
        process.close();
    }

    private boolean answers() throws InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            // A request that comes too early is never answered.
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(url + "/subjects"))
                            .timeout(Duration.ofSeconds(2))
                            .build();
            return http.send(request, BodyHandlers.discarding()).statusCode() == OK;
        } catch (IOException e) {
            return false;
        }
    }
}
