package dev.sluice.analysis.transport;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Proxy selection for servers: the JVM's proxy ({@code -Dhttps.proxyHost} and so on), otherwise the
 * one in the environment ({@code https_proxy}, {@code http_proxy}, {@code all_proxy}, {@code
 * no_proxy}, in lower or upper case), including user and password.
 */
final class Proxies {
    private static final int DEFAULT_PORT = 80;

    private final Map<String, String> environment;

    Proxies(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /**
     * Checks the proxies in the environment.
     *
     * @throws IllegalArgumentException if one is not valid, naming the variable
     */
    void check() {
        List.of("http_proxy", "https_proxy", "all_proxy").forEach(this::variable);
    }

    /** A proxy and its login. */
    record Route(String host, int port, Optional<Login> login) {}

    /** Credentials for the proxy. */
    record Login(String user, String password) {
        @Override
        public String toString() {
            return "********";
        }
    }

    /**
     * The proxy for a server; empty if the server is called directly.
     *
     * @throws IllegalArgumentException if the environment names a proxy that is not valid
     */
    Optional<Route> to(URI server) {
        for (Proxy proxy : ProxySelector.getDefault().select(server)) {
            if (proxy.type() == Proxy.Type.HTTP
                    && proxy.address() instanceof InetSocketAddress address) {
                return Optional.of(
                        new Route(address.getHostString(), address.getPort(), Optional.empty()));
            }
        }
        return isExcepted(server)
                ? Optional.empty()
                : variable(server.getScheme() + "_proxy").or(() -> variable("all_proxy"));
    }

    private Optional<Route> variable(String name) {
        return value(name).map(text -> route(name, text));
    }

    private static Route route(String name, String text) {
        try {
            URI proxy = URI.create(text.contains("://") ? text : "http://" + text);
            if (proxy.getHost() != null && "http".equals(proxy.getScheme())) {
                int port = proxy.getPort() > 0 ? proxy.getPort() : DEFAULT_PORT;
                return new Route(
                        proxy.getHost(),
                        port,
                        Optional.ofNullable(proxy.getRawUserInfo()).map(Proxies::login));
            }
        } catch (IllegalArgumentException e) {
            // Reported below without the text, which may contain a password.
        }
        throw new IllegalArgumentException(
                name + " in the environment must be like http://user:password@host:port");
    }

    private static Login login(String userInfo) {
        int colon = userInfo.indexOf(':');
        return colon < 0
                ? new Login(decoded(userInfo), "")
                : new Login(
                        decoded(userInfo.substring(0, colon)),
                        decoded(userInfo.substring(colon + 1)));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /**
     * Whether {@code no_proxy} lists the server: as a host, below a listed domain, or by a star.
     */
    private boolean isExcepted(URI server) {
        String host = String.valueOf(server.getHost()).toLowerCase(Locale.ROOT);
        for (String part : value("no_proxy").orElse("").split(",", -1)) {
            String name = part.strip().toLowerCase(Locale.ROOT);
            String bare = name.startsWith(".") ? name.substring(1) : name;
            if (name.equals("*")
                    || (!bare.isEmpty() && (host.equals(bare) || host.endsWith("." + bare)))) {
                return true;
            }
        }
        return isLoopback(host);
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    }

    private Optional<String> value(String name) {
        return Optional.ofNullable(environment.get(name))
                .or(() -> Optional.ofNullable(environment.get(name.toUpperCase(Locale.ROOT))))
                .map(String::strip)
                .filter(text -> !text.isEmpty());
    }
}
