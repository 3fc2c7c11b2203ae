package dev.sluice.contract.registry;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;

/**
 * The settings of the registry client, with Confluent's names. Client settings work with and
 * without the prefix {@code schema.registry.}.
 *
 * @param urls base addresses, in the order in which they are tried
 * @param credentials how the client proves who it is
 * @param headers further headers of each request
 * @param tls the trusted certificates and the client's own; empty for those of the JVM
 * @param proxy the proxy to the registry and to the OAuth server; empty for the JVM's settings
 * @param maxRetries number of retries after the first attempt
 * @param retryWait upper bound of the first wait between attempts; doubled for each further one
 * @param maxRetryWait upper bound of every wait between attempts
 * @param connectTimeout longest wait for a connection
 * @param readTimeout longest wait for an answer
 */
public record RegistryConfig(
        List<URI> urls,
        Credentials credentials,
        Map<String, String> headers,
        Optional<SSLContext> tls,
        Optional<InetSocketAddress> proxy,
        int maxRetries,
        Duration retryWait,
        Duration maxRetryWait,
        Duration connectTimeout,
        Duration readTimeout) {
    public static final String URL = "schema.registry.url";
    public static final String MAX_RETRIES = "max.retries";
    public static final String RETRY_WAIT = "retries.wait.ms";
    public static final String MAX_RETRY_WAIT = "retries.max.wait.ms";
    public static final String CONNECT_TIMEOUT = "http.connect.timeout.ms";
    public static final String READ_TIMEOUT = "http.read.timeout.ms";

    private static final String PROXY_HOST = "proxy.host";
    private static final String PROXY_PORT = "proxy.port";
    private static final String HEADER_PREFIX = "request.header.";
    private static final String PREFIX = "schema.registry.";

    private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    private static final Pattern HEADER_VALUE = Pattern.compile("[ -~]+");

    /** Headers of HTTP itself, and those that this client sets. */
    private static final Set<String> OWN_HEADERS =
            Set.of(
                    "accept",
                    "authorization",
                    "confluent-accept-unknown-properties",
                    "connection",
                    "content-length",
                    "content-type",
                    "expect",
                    "host",
                    "transfer-encoding",
                    "upgrade");

    private static final ConfigDef DEFINITION =
            CredentialSettings.define(new ConfigDef())
                    .define(
                            URL,
                            ConfigDef.Type.LIST,
                            Importance.HIGH,
                            "Base addresses of the registry.")
                    .define(
                            PROXY_HOST,
                            ConfigDef.Type.STRING,
                            "",
                            Importance.LOW,
                            "The proxy's host.")
                    .define(
                            PROXY_PORT,
                            ConfigDef.Type.INT,
                            -1,
                            ConfigDef.Range.between(-1, 65_535),
                            Importance.LOW,
                            "The proxy's port.")
                    .define(
                            MAX_RETRIES,
                            ConfigDef.Type.INT,
                            3,
                            ConfigDef.Range.atLeast(0),
                            Importance.LOW,
                            "Tries after the first.")
                    .define(
                            RETRY_WAIT,
                            ConfigDef.Type.LONG,
                            1_000,
                            ConfigDef.Range.atLeast(0),
                            Importance.LOW,
                            "First wait between tries.")
                    .define(
                            MAX_RETRY_WAIT,
                            ConfigDef.Type.LONG,
                            20_000,
                            ConfigDef.Range.atLeast(0),
                            Importance.LOW,
                            "Longest wait between tries.")
                    .define(
                            CONNECT_TIMEOUT,
                            ConfigDef.Type.LONG,
                            60_000,
                            ConfigDef.Range.atLeast(1),
                            Importance.LOW,
                            "Longest wait for a connection.")
                    .define(
                            READ_TIMEOUT,
                            ConfigDef.Type.LONG,
                            60_000,
                            ConfigDef.Range.atLeast(1),
                            Importance.LOW,
                            "Longest wait for an answer.");

    /**
     * Parses the settings.
     *
     * @throws ConfigException naming the key, for a missing address, an invalid value, or a setting
     *     of Confluent's client that this one does not support
     */
    public static RegistryConfig from(Map<String, ?> settings) {
        UnsupportedSettings.refuse(settings);
        AbstractConfig parsed = new AbstractConfig(DEFINITION, unprefixed(settings), false);
        List<URI> urls = new ArrayList<>();
        parsed.getList(URL).forEach(url -> urls.add(address(URL, withoutLastSlash(url))));
        if (urls.isEmpty()) {
            throw new ConfigException(URL, "", "must name at least one address");
        }
        CredentialSettings credentials = new CredentialSettings(parsed);
        Map<String, String> headers = credentials.headers();
        headers.putAll(headers(settings));
        return new RegistryConfig(
                List.copyOf(urls),
                credentials.credentials(urls),
                Map.copyOf(headers),
                RegistryTls.context(settings),
                proxy(parsed),
                parsed.getInt(MAX_RETRIES),
                Duration.ofMillis(parsed.getLong(RETRY_WAIT)),
                Duration.ofMillis(parsed.getLong(MAX_RETRY_WAIT)),
                Duration.ofMillis(parsed.getLong(CONNECT_TIMEOUT)),
                Duration.ofMillis(parsed.getLong(READ_TIMEOUT)));
    }

    private static Optional<InetSocketAddress> proxy(AbstractConfig parsed) {
        String host = parsed.getString(PROXY_HOST);
        int port = parsed.getInt(PROXY_PORT);
        if (host.isEmpty() != port < 0) {
            throw new ConfigException(
                    PROXY_HOST + " and " + PROXY_PORT + " must be set together, or neither");
        }
        return host.isEmpty()
                ? Optional.empty()
                : Optional.of(InetSocketAddress.createUnresolved(host, port));
    }

    private static Map<String, String> headers(Map<String, ?> settings) {
        Map<String, String> headers = new TreeMap<>();
        settings.forEach((key, value) -> {
            String name = key.startsWith(PREFIX) ? key.substring(PREFIX.length()) : key;
            if (name.startsWith(HEADER_PREFIX) && value != null) {
                String header = name.substring(HEADER_PREFIX.length());
                headers.put(header, checked(key, header, value.toString().strip()));
            }
        });
        return headers;
    }

    /** The value, which is never shown: it may be a secret. */
    private static String checked(String key, String header, String value) {
        if (!HEADER_NAME.matcher(header).matches()
                || OWN_HEADERS.contains(header.toLowerCase(Locale.ROOT))) {
            throw new ConfigException(key + " names a header that cannot be set");
        }
        if (!HEADER_VALUE.matcher(value).matches()) {
            throw new ConfigException(key + " has a line break or a character that is not ASCII");
        }
        return value;
    }

    private static Map<String, Object> unprefixed(Map<String, ?> settings) {
        Map<String, Object> result = new HashMap<>();
        settings.forEach((key, value) -> {
            if (value != null && DEFINITION.names().contains(key)) {
                result.put(key, value);
            }
        });
        settings.forEach((key, value) -> {
            if (value != null
                    && key.startsWith(PREFIX)
                    && DEFINITION.names().contains(key.substring(PREFIX.length()))) {
                result.put(key.substring(PREFIX.length()), value);
            }
        });
        return result;
    }

    /** Whether a setting of a client, without its prefix, is known. */
    static boolean knows(String name) {
        return DEFINITION.names().contains(name);
    }

    /**
     * The address that a setting names.
     *
     * @throws ConfigException if it is not one
     */
    static URI address(String key, String url) {
        URI uri;
        try {
            uri = URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(key, masked(url), "is not a valid address");
        }
        if (!"http".equals(uri.getScheme()) && !"https".equals(uri.getScheme())) {
            throw new ConfigException(key, masked(url), "must start with http:// or https://");
        }
        if (uri.getHost() == null) {
            throw new ConfigException(
                    key,
                    masked(url),
                    "has no valid host; a host name has letters, digits, '-', '.'");
        }
        return uri;
    }

    private static String withoutLastSlash(String url) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    /** The address without the credentials that it may contain. */
    private static String masked(String url) {
        int at = url.lastIndexOf('@');
        return at < 0 ? url : "********" + url.substring(at);
    }

    /** The addresses without credentials. */
    @Override
    public String toString() {
        return urls.stream().map(URI::toString).map(RegistryConfig::masked).toList().toString();
    }
}
