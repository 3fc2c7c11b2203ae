package dev.sluice.analysis.transport;

import static dev.sluice.analysis.transport.RawServer.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxiesTest {
    @ParameterizedTest
    @CsvSource({
        "https_proxy, http://proxy.example:3128, proxy.example, 3128",
        "HTTPS_PROXY, http://proxy.example:3128/, proxy.example, 3128",
        "https_proxy, proxy.example:3128, proxy.example, 3128",
        "all_proxy, http://proxy.example, proxy.example, 80",
    })
    void proxyOfTheEnvironmentIsFound(String name, String value, String host, int port) {
        assertThat(new Proxies(Map.of(name, value)).to(URI.create("https://api.example/v1")))
                .hasValueSatisfying(route -> {
                    assertThat(route.host()).isEqualTo(host);
                    assertThat(route.port()).isEqualTo(port);
                    assertThat(route.login()).isEmpty();
                });
    }

    @Test
    void userAndPasswordAreReadButNotShown() {
        assertThat(
                        new Proxies(Map.of("https_proxy", "http://ann:p%40ss+word@proxy:3128"))
                                .to(URI.create("https://api.example")))
                .hasValueSatisfying(route -> {
                    assertThat(route.login()).contains(new Proxies.Login("ann", "p@ss+word"));
                    assertThat(route.toString()).doesNotContain("p@ss");
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "api.example",
                ".example",
                "example",
                "*",
                "other, API.example",
                "x,,example"
            })
    void exceptedServersAreReachedDirectly(String except) {
        Proxies proxies = new Proxies(Map.of("https_proxy", "http://proxy:1", "no_proxy", except));
        assertThat(proxies.to(URI.create("https://api.example"))).isEmpty();
    }

    @Test
    void otherServersAreReachedThroughTheProxy() {
        Proxies proxies =
                new Proxies(Map.of("https_proxy", "http://proxy:1", "no_proxy", "ample,api.exam"));
        assertThat(proxies.to(URI.create("https://api.example"))).isPresent();
        assertThat(proxies.to(URI.create("http://api.example"))).isEmpty();
        assertThat(proxies.to(URI.create("https://localhost:8080"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"socks5://secret:word@proxy:1", "http://se cret", "https://secret@proxy"})
    void invalidProxyIsReportedByNameWithoutItsPassword(String value) {
        assertThatThrownBy(() -> new Proxies(Map.of("https_proxy", value)).check())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("https_proxy")
                .hasMessageNotContaining("secret");
    }

    @Test
    void proxyGetsTheCredentials() throws Exception {
        List<String> heads = new CopyOnWriteArrayList<>();
        try (RawServer proxy =
                        RawServer.withHeads(
                                heads, (socket, body, _) -> write(socket, RawServer.ok(body)));
                Transport transport =
                        Transport.start(
                                new SslContextFactory.Client(),
                                Duration.ofSeconds(10),
                                Duration.ofMinutes(1),
                                Map.of(
                                        "http_proxy",
                                        "http://ann:word@127.0.0.1:" + proxy.url().getPort()))) {
            HttpReply reply =
                    transport.send(
                            new HttpCall(
                                    URI.create("http://model.invalid/v1"),
                                    Map.of(),
                                    "through".getBytes(StandardCharsets.UTF_8),
                                    Duration.ofSeconds(5)));

            assertThat(new String(reply.body(), StandardCharsets.UTF_8)).isEqualTo("through");
            assertThat(heads.getFirst())
                    .contains("POST http://model.invalid/v1")
                    .contains("Proxy-Authorization: Basic YW5uOndvcmQ=");
        }
    }
}
