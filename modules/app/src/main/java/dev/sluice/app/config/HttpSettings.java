package dev.sluice.app.config;

import dev.sluice.analysis.model.Secret;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Settings of the HTTP endpoints.
 *
 * @param host address to listen on
 * @param port port to listen on; 0 takes a free port
 * @param token bearer token of requests for users' data
 * @param tls certificate and key; empty for plain HTTP
 * @param changes whether who has the token may redrive and discard dead letters in the console
 */
public record HttpSettings(
        String host, int port, Optional<Secret> token, Optional<TlsFiles> tls, boolean changes) {
    /** What can stand in a header, and is too long to be guessed. */
    private static final Pattern TOKEN = Pattern.compile("[!-~]{16,}");

    /** PEM files: the certificate with its chain, and its key in PKCS 8. */
    public record TlsFiles(Path certificate, Path key) {}

    /** Who may ask for users' data. */
    public enum DataAccess {
        EVERYONE,
        TOKEN_HOLDERS,
        /** Nobody: no token is configured, and others than this machine can ask. */
        NOBODY_WITHOUT_A_TOKEN,
        /** Nobody: the token would be sent in clear text. */
        NOBODY_WITHOUT_TLS
    }

    /** Plain HTTP on loopback. */
    public static HttpSettings loopback(int port) {
        return new HttpSettings("127.0.0.1", port, Optional.empty(), Optional.empty(), true);
    }

    /**
     * The settings of a configuration.
     *
     * @throws InvalidConfigException with all settings that are too short or lack their counterpart
     */
    public static HttpSettings of(SluiceConfig.Http config) {
        List<String> problems = new ArrayList<>();
        Optional<String> token = config.token().map(String::strip);
        if (token.isPresent() && !TOKEN.matcher(token.get()).matches()) {
            problems.add(
                    "http.token must have at least 16 characters, without spaces and only ASCII;"
                            + " openssl rand -hex 32 makes one");
        }
        Optional<Path> certificate = config.tls().certificate();
        Optional<Path> key = config.tls().key();
        if (certificate.isPresent() != key.isPresent()) {
            problems.add("http.tls.certificate and http.tls.key must be set together, or neither");
        }
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
        return new HttpSettings(
                config.host(),
                config.port(),
                token.map(Secret::new),
                certificate.flatMap(chain -> key.map(file -> new TlsFiles(chain, file))),
                config.changes());
    }

    /** Who may ask for users' data: outside of loopback, a token and TLS are needed. */
    public DataAccess dataAccess() {
        if (isLoopback()) {
            return token.isPresent() ? DataAccess.TOKEN_HOLDERS : DataAccess.EVERYONE;
        }
        if (token.isEmpty()) {
            return DataAccess.NOBODY_WITHOUT_A_TOKEN;
        }
        return tls.isPresent() ? DataAccess.TOKEN_HOLDERS : DataAccess.NOBODY_WITHOUT_TLS;
    }

    private boolean isLoopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
