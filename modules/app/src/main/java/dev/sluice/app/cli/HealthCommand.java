package dev.sluice.app.cli;

import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.app.cli.common.ConfigOption;
import dev.sluice.app.cli.common.DurationConverter;
import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.app.cli.common.Logging;
import dev.sluice.app.cli.common.Output;
import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.http.Certificate;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import javax.net.ssl.HttpsURLConnection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code sluice health}: asks the service of this machine whether it is ready. */
@Command(
        name = "health",
        mixinStandardHelpOptions = true,
        description = {
            "Asks the service that runs on this machine whether it is ready, at http.host and"
                    + " http.port of the configuration. Prints its answer.",
            "The exit code is 0 if it is ready, else 1."
        })
final class HealthCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(200);

    @Mixin private ConfigOption config = new ConfigOption();

    @Option(
            names = "--live",
            description = "Ask whether it is live: a service that is not live must be restarted.")
    private boolean live;

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "0s",
            description = "How long to ask again until it is ready. Default: ${DEFAULT-VALUE}.")
    private Duration wait = Duration.ZERO;

    @Mixin private Output output = new Output();

    /** What the service answered, or why it did not. */
    private record Answer(boolean isUp, String text) {}

    @Override
    public Integer call() throws InterruptedException {
        Logging.quiet();
        HttpSettings http = HttpSettings.of(config.load().http());
        if (http.port() == 0) {
            throw new CommandFailedException(
                    "http.port is 0, so the service took any free port, which is in its log");
        }
        URI address =
                URI.create(
                        (http.tls().isPresent() ? "https://" : "http://")
                                + host(http.host())
                                + ":"
                                + http.port()
                                + (live ? "/health/live" : "/health/ready"));
        long end = System.nanoTime() + wait.toNanos();
        Answer answer = ask(http, address);
        while (!answer.isUp() && System.nanoTime() < end) {
            Thread.sleep(PAUSE);
            answer = ask(http, address);
        }
        PrintWriter out = output.out();
        out.println(answer.text());
        out.flush();
        return answer.isUp() ? 0 : ExitCode.FAILED;
    }

    private static Answer ask(HttpSettings http, URI address) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
            if (connection instanceof HttpsURLConnection secure) {
                secure.setSSLSocketFactory(
                        Certificate.trusting(http.tls().orElseThrow()).getSocketFactory());
                // The certificate is compared itself, and need not name the loopback address.
                secure.setHostnameVerifier((host, session) -> true);
            }
            connection.setConnectTimeout((int) TIMEOUT.toMillis());
            connection.setReadTimeout((int) TIMEOUT.toMillis());
            boolean isUp = connection.getResponseCode() == HttpURLConnection.HTTP_OK;
            try (InputStream body =
                    isUp ? connection.getInputStream() : connection.getErrorStream()) {
                return new Answer(
                        isUp,
                        body == null
                                ? "the answer has no body"
                                : new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            return new Answer(false, "no answer from " + address + ": " + e.getMessage());
        }
    }

    /** A service that listens on all addresses is asked on loopback. */
    private static String host(String listening) {
        try {
            InetAddress address = InetAddress.getByName(listening);
            String host =
                    address.isAnyLocalAddress()
                            ? InetAddress.getLoopbackAddress().getHostAddress()
                            : address.getHostAddress();
            return host.contains(":") ? "[" + host + "]" : host;
        } catch (UnknownHostException e) {
            return listening;
        }
    }
}
