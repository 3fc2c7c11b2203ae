package dev.sluice.contract.registry;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;

/** The settings of credentials, with Confluent's names. */
final class CredentialSettings {
    static final String BASIC_SOURCE = "basic.auth.credentials.source";
    static final String USER_INFO = "basic.auth.user.info";
    static final String BEARER_SOURCE = "bearer.auth.credentials.source";
    static final String TOKEN = "bearer.auth.token";
    static final String TOKEN_ENDPOINT = "bearer.auth.issuer.endpoint.url";
    static final String CLIENT_ID = "bearer.auth.client.id";
    static final String CLIENT_SECRET = "bearer.auth.client.secret";
    static final String SCOPE = "bearer.auth.scope";
    static final String EXPIRY_BUFFER = "bearer.auth.cache.expiry.buffer.seconds";
    static final String LOGICAL_CLUSTER = "bearer.auth.logical.cluster";
    static final String IDENTITY_POOL = "bearer.auth.identity.pool.id";

    private static final String STATIC_TOKEN = "STATIC_TOKEN";
    private static final String OAUTH = "OAUTHBEARER";

    private static final Pattern VISIBLE = Pattern.compile("[!-~]+");

    private final AbstractConfig parsed;

    CredentialSettings(AbstractConfig parsed) {
        this.parsed = parsed;
    }

    /** Adds the settings to a definition. */
    static ConfigDef define(ConfigDef definition) {
        return definition
                .define(
                        BASIC_SOURCE,
                        ConfigDef.Type.STRING,
                        "",
                        ConfigDef.ValidString.in("", "URL", "USER_INFO"),
                        Importance.MEDIUM,
                        "Where the user and password are: in the URL, or in " + USER_INFO + ".")
                .define(USER_INFO, ConfigDef.Type.PASSWORD, "", Importance.MEDIUM, "user:password.")
                .define(
                        BEARER_SOURCE,
                        ConfigDef.Type.STRING,
                        "",
                        ConfigDef.ValidString.in("", STATIC_TOKEN, OAUTH),
                        Importance.MEDIUM,
                        "Where the bearer token is from: " + TOKEN + ", or an OAuth server.")
                .define(TOKEN, ConfigDef.Type.PASSWORD, "", Importance.MEDIUM, "The token.")
                .define(
                        TOKEN_ENDPOINT,
                        ConfigDef.Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "Where the OAuth server gives tokens.")
                .define(CLIENT_ID, ConfigDef.Type.STRING, "", Importance.MEDIUM, "The client.")
                .define(
                        CLIENT_SECRET,
                        ConfigDef.Type.PASSWORD,
                        "",
                        Importance.MEDIUM,
                        "Its secret.")
                .define(SCOPE, ConfigDef.Type.STRING, "", Importance.MEDIUM, "The scope.")
                .define(
                        EXPIRY_BUFFER,
                        ConfigDef.Type.INT,
                        300,
                        ConfigDef.Range.atLeast(0),
                        Importance.LOW,
                        "Seconds before its expiry at which a token is replaced.")
                .define(
                        LOGICAL_CLUSTER,
                        ConfigDef.Type.STRING,
                        "",
                        Importance.LOW,
                        "The registry's id in Confluent Cloud.")
                .define(
                        IDENTITY_POOL,
                        ConfigDef.Type.STRING,
                        "",
                        Importance.LOW,
                        "The identity pool in Confluent Cloud.");
    }

    /**
     * The credentials.
     *
     * @throws ConfigException naming the key that is missing or does not fit
     */
    Credentials credentials(List<URI> urls) {
        String basic = parsed.getString(BASIC_SOURCE);
        String bearer = parsed.getString(BEARER_SOURCE);
        if (!basic.isEmpty() && !bearer.isEmpty()) {
            throw new ConfigException(
                    "the registry cannot be sent both a password and a token: remove "
                            + BASIC_SOURCE
                            + " or "
                            + BEARER_SOURCE);
        }
        requireSource(bearer, STATIC_TOKEN, password(TOKEN), TOKEN);
        requireSource(bearer, OAUTH, parsed.getString(CLIENT_ID), CLIENT_ID);
        return switch (basic + bearer) {
            case "USER_INFO" -> Credentials.Fixed.basic(userInfo());
            case "URL" -> Credentials.Fixed.basic(userInfo(urls));
            case STATIC_TOKEN -> Credentials.Fixed.bearer(token());
            case OAUTH -> oauth();
            default -> new Credentials.None();
        };
    }

    /** Headers that go with a token to Confluent Cloud. */
    Map<String, String> headers() {
        Map<String, String> headers = new TreeMap<>();
        if (!parsed.getString(LOGICAL_CLUSTER).isEmpty()) {
            headers.put("target-sr-cluster", parsed.getString(LOGICAL_CLUSTER));
        }
        if (!parsed.getString(IDENTITY_POOL).isEmpty()) {
            headers.put("Confluent-Identity-Pool-Id", parsed.getString(IDENTITY_POOL));
        }
        return headers;
    }

    /** A token that would not be sent is a mistake. */
    private static void requireSource(String source, String expected, String value, String key) {
        if (source.isEmpty() && !value.isEmpty()) {
            throw new ConfigException(key + " needs " + BEARER_SOURCE + ": " + expected);
        }
    }

    private String token() {
        String token = requiredPassword(TOKEN);
        if (!VISIBLE.matcher(token).matches()) {
            throw new ConfigException(
                    TOKEN + " has a space, a line break or another character that no token has");
        }
        return token;
    }

    private String userInfo() {
        String userInfo = password(USER_INFO);
        if (!userInfo.contains(":")) {
            throw new ConfigException(
                    USER_INFO + " must be user:password when " + BASIC_SOURCE + " is USER_INFO");
        }
        return userInfo;
    }

    private static String userInfo(List<URI> urls) {
        return urls.stream()
                .map(URI::getUserInfo)
                .filter(info -> info != null)
                .reduce((first, last) -> last)
                .orElseThrow(() ->
                        new ConfigException(
                                RegistryConfig.URL
                                        + " must carry user:password@ when "
                                        + BASIC_SOURCE
                                        + " is URL"));
    }

    private Credentials oauth() {
        String scope = parsed.getString(SCOPE);
        return new Credentials.OAuthClient(
                tokenEndpoint(),
                required(CLIENT_ID),
                new Password(requiredPassword(CLIENT_SECRET)),
                Optional.of(scope).filter(text -> !text.isEmpty()),
                Duration.ofSeconds(parsed.getInt(EXPIRY_BUFFER)));
    }

    /** Taken as it is: a slash at its end belongs to it. */
    private URI tokenEndpoint() {
        URI endpoint = RegistryConfig.address(TOKEN_ENDPOINT, required(TOKEN_ENDPOINT));
        if (endpoint.getRawUserInfo() != null) {
            throw new ConfigException(
                    TOKEN_ENDPOINT + " must not carry credentials; use " + CLIENT_ID);
        }
        return endpoint;
    }

    private String password(String key) {
        return parsed.getPassword(key).value();
    }

    private String requiredPassword(String key) {
        return required(key, password(key));
    }

    private String required(String key) {
        return required(key, parsed.getString(key));
    }

    private String required(String key, String value) {
        if (value.isEmpty()) {
            throw new ConfigException(
                    key
                            + " is missing; "
                            + BEARER_SOURCE
                            + " is "
                            + parsed.getString(BEARER_SOURCE));
        }
        return value;
    }
}
