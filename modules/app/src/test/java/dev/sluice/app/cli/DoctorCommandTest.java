package dev.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.app.check.ClockCheck;
import dev.sluice.app.check.Finding.Level;
import dev.sluice.app.cli.common.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
    @TempDir private Path folder;

    @Test
    void machineIsCheckedAndAllProblemsAreReportedAtOnce() throws IOException {
        Path file = Files.writeString(folder.resolve("state"), "not a folder");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            StringWriter out = new StringWriter();
            Path config =
                    Files.writeString(
                            folder.resolve("sluice.yaml"),
                            """
                            kafka:
                              bootstrap.servers: 127.0.0.1:1
                              default.api.timeout.ms: 1000
                              request.timeout.ms: 500
                            schema-registry.schema.registry.url: http://127.0.0.1:1
                            http.port: %d
                            admission.state-dir: %s/admission
                            """
                                    .formatted(taken.getLocalPort(), file));

            int exitCode =
                    SluiceCommand.commandLine(Optional.empty())
                            .setOut(new PrintWriter(out))
                            .execute(
                                    "doctor",
                                    "--roles",
                                    "admission",
                                    "--config",
                                    config.toString());

            assertThat(exitCode).isEqualTo(ExitCode.FAILED);
            assertThat(out.toString())
                    .containsPattern("(ok|warning) +JDK +\\d+.*processors")
                    .containsPattern("warning +HTTP port +127.0.0.1:\\d+ is taken")
                    .containsPattern("problem +state folder +.* cannot be written")
                    .containsPattern("problem +brokers +no answer in time")
                    .containsPattern("problem +schema registry +no answer")
                    .containsPattern("warning +clock +not compared with that of http://127.0.0.1:1")
                    .endsWith("3 problems\n");
        }
    }

    @Test
    void clockIsComparedWithThatOfAServer() throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(401, -1);
                    exchange.close();
                });
        server.start();
        try {
            String address = "http://127.0.0.1:" + server.getAddress().getPort();
            InstantSource fast = () -> Instant.now().plus(Duration.ofMinutes(3));

            assertThat(ClockCheck.of(address, InstantSource.system()).level()).isEqualTo(Level.OK);
            assertThat(ClockCheck.of(address, fast).level()).isEqualTo(Level.PROBLEM);
            assertThat(ClockCheck.of(address, fast).text())
                    .matches("1[78]\\d s ahead of that of http://127.*synchronise both with NTP");
        } finally {
            server.stop(0);
        }
    }
}
