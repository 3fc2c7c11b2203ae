package dev.sluice.contract.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers that a registry may give and the embedded registry does not. */
class RegistryAnswersTest {
    private HttpServer server;

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void schemaWithRulesIsRejected() throws IOException {
        SchemaRegistry registry =
                answering(
                        200,
                        "{\"schema\":\"\\\"string\\\"\",\"ruleSet\":{\"domainRules\":[{\"name\":"
                                + "\"encrypt\"}]}}");

        assertThatThrownBy(() -> registry.byId(1, "s"))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("rule set");
    }

    @Test
    void emptyRuleSetIsAccepted() throws IOException {
        SchemaRegistry registry =
                answering(
                        200,
                        "{\"schema\":\"\\\"string\\\"\",\"ruleSet\":{\"domainRules\":[]},\"guid\":"
                                + "\"x\"}");

        assertThat(registry.byId(1, "s").getType()).isEqualTo(org.apache.avro.Schema.Type.STRING);
    }

    @Test
    void otherSchemaTypesAreRejected() throws IOException {
        SchemaRegistry registry = answering(200, "{\"schema\":\"{}\",\"schemaType\":\"JSON\"}");

        assertThatThrownBy(() -> registry.byId(1, "s"))
                .hasMessageContaining("JSON schema, not Avro");
    }

    @Test
    void emptyNotFoundBodyIsStillNotFound() throws IOException {
        SchemaRegistry registry = answering(404, "");

        assertThatThrownBy(() -> registry.byId(7, "s"))
                .isInstanceOfSatisfying(
                        SchemaNotFoundException.class,
                        notFound -> assertThat(notFound.isSure()).isFalse());
    }

    @Test
    void registrysErrorCodeIsSure() throws IOException {
        SchemaRegistry registry =
                answering(404, "{\"error_code\":40403,\"message\":\"Schema 7 not found\"}");

        assertThatThrownBy(() -> registry.byId(7, "s"))
                .isInstanceOfSatisfying(
                        SchemaNotFoundException.class,
                        notFound -> assertThat(notFound.isSure()).isTrue());
    }

    @Test
    void answersDoNotWaitForTheCommonPool() throws Exception {
        SchemaRegistry registry = answering(200, "{\"schema\":\"\\\"string\\\"\"}");
        CountDownLatch end = new CountDownLatch(1);
        int threads = Math.max(1, ForkJoinPool.getCommonPoolParallelism());
        CountDownLatch blocked = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            ForkJoinPool.commonPool()
                    .execute(() -> {
                        blocked.countDown();
                        try {
                            end.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    });
        }
        try {
            assertThat(blocked.await(20, TimeUnit.SECONDS)).isTrue();

            assertThat(registry.byId(1, "s").getType())
                    .isEqualTo(org.apache.avro.Schema.Type.STRING);
        } finally {
            end.countDown();
        }
    }

    @Test
    void webPageIsAnOutage() throws IOException {
        SchemaRegistry registry = answering(200, "<html>maintenance</html>");

        assertThatThrownBy(() -> registry.byId(7, "s"))
                .isInstanceOf(RegistryUnavailableException.class);
    }

    private SchemaRegistry answering(int status, String body) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
        server.start();
        return new HttpSchemaRegistry(
                RegistryConfig.from(
                        Map.of(
                                "schema.registry.url",
                                "http://127.0.0.1:" + server.getAddress().getPort(),
                                "max.retries",
                                "0")));
    }
}
