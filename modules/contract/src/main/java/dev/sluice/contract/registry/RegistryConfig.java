package dev.sluice.contract.registry;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;

/**
 * The settings of the registry client, with Confluent's names. Client settings work with and
 * without the prefix {@code schema.registry.}.
 *
 * @param urls base addresses, in the order in which they are tried
 * @param authorization value of the Authorization header; empty to send none
 * @param maxRetries number of retries after the first attempt
 * @param retryWait upper bound of the first wait between attempts; doubled for each further one
 * @param maxRetryWait upper bound of every wait between attempts
 * @param connectTimeout longest wait for a connection
 * @param readTimeout longest wait for an answer
 */
public record RegistryConfig(
        List<URI> urls,
        Optional<String> authorization,
        int maxRetries,
        Duration retryWait,
        Duration maxRetryWait,
        Duration connectTimeout,
        Duration readTimeout) {
    public static final String URL = "schema.registry.url";
    public static final String CREDENTIALS_SOURCE = "basic.auth.credentials.source";
    public static final String USER_INFO = "basic.auth.user.info";
    public static final String MAX_RETRIES = "max.retries";
    public static final String RETRY_WAIT = "retries.wait.ms";
    public static final String MAX_RETRY_WAIT = "retries.max.wait.ms";
    public static final String CONNECT_TIMEOUT = "http.connect.timeout.ms";
    public static final String READ_TIMEOUT = "http.read.timeout.ms";

    private static final String PREFIX = "schema.registry.";

    private static final ConfigDef DEFINITION =
            new ConfigDef()
                    .define(
                            URL,
                            ConfigDef.Type.LIST,
                            Importance.HIGH,
                            "Base addresses of the registry.")
                    .define(
                            CREDENTIALS_SOURCE,
                            ConfigDef.Type.STRING,
                            "",
                            ConfigDef.ValidString.in("", "URL", "USER_INFO"),
                            Importance.MEDIUM,
                            "Where the user and password are: in the URL, or in " + USER_INFO + ".")
                    .define(
                            USER_INFO,
                            ConfigDef.Type.PASSWORD,
                            "",
                            Importance.MEDIUM,
                            "user:password.")
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
        Optional<String> userInfo = Optional.empty();
        String source = parsed.getString(CREDENTIALS_SOURCE);
        for (String url : parsed.getList(URL)) {
            URI uri = address(url);
            if (source.equals("URL") && uri.getUserInfo() != null) {
                userInfo = Optional.of(uri.getUserInfo());
            }
            urls.add(uri);
        }
        if (urls.isEmpty()) {
            throw new ConfigException(URL, "", "must name at least one address");
        }
        if (source.equals("USER_INFO")) {
            Password password = parsed.getPassword(USER_INFO);
            if (!password.value().contains(":")) {
                throw new ConfigException(
                        USER_INFO
                                + " must be user:password when "
                                + CREDENTIALS_SOURCE
                                + " is USER_INFO");
            }
            userInfo = Optional.of(password.value());
        } else if (source.equals("URL") && userInfo.isEmpty()) {
            throw new ConfigException(
                    URL + " must carry user:password@ when " + CREDENTIALS_SOURCE + " is URL");
        }
        return new RegistryConfig(
                List.copyOf(urls),
                userInfo.map(RegistryConfig::basic),
                parsed.getInt(MAX_RETRIES),
                Duration.ofMillis(parsed.getLong(RETRY_WAIT)),
                Duration.ofMillis(parsed.getLong(MAX_RETRY_WAIT)),
                Duration.ofMillis(parsed.getLong(CONNECT_TIMEOUT)),
                Duration.ofMillis(parsed.getLong(READ_TIMEOUT)));
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

    private static URI address(String url) {
        URI uri;
        try {
            uri = URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(URL, masked(url), "is not a valid address");
        }
        if (!"http".equals(uri.getScheme()) && !"https".equals(uri.getScheme())) {
            throw new ConfigException(URL, masked(url), "must start with http:// or https://");
        }
        return uri;
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

    private static String basic(String userInfo) {
        return "Basic "
                + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
    }
}
