package dev.sluice.app.http;

import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.HttpSettings.DataAccess;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** Decides who may read users' data, and who may change something. */
final class DataGuard {
    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[?(::1|0:0:0:0:0:0:0:1)]?");

    private final DataAccess access;
    private final boolean changes;
    private final String host;
    private final byte[] authorization;

    DataGuard(HttpSettings http) {
        this.access = http.dataAccess();
        this.changes = http.changes();
        this.host = http.host();
        this.authorization =
                http.token()
                        .map(token -> "Bearer " + token.value())
                        .orElse("")
                        .getBytes(StandardCharsets.UTF_8);
    }

    /** Whether a token opens users' data, so that the caller can be asked for it. */
    boolean asksForToken() {
        return access == DataAccess.TOKEN_HOLDERS;
    }

    boolean mayRead(Request request) {
        return switch (access) {
            case EVERYONE -> isLoopback(Request.getServerName(request));
            case TOKEN_HOLDERS -> {
                String given = request.getHeaders().get(HttpHeader.AUTHORIZATION);
                byte[] bytes = given == null ? new byte[0] : given.getBytes(StandardCharsets.UTF_8);
                // Takes the same time wherever the first difference is.
                yield MessageDigest.isEqual(authorization, bytes);
            }
            case NOBODY_WITHOUT_A_TOKEN, NOBODY_WITHOUT_TLS -> false;
        };
    }

    /** Why who may read cannot change anything; empty if he can. */
    Optional<String> changesDenied() {
        if (!changes) {
            return Optional.of(
                    "changes are switched off by http.changes of the configuration; use sluice"
                            + " dead-letters");
        }
        return asksForToken()
                ? Optional.empty()
                : Optional.of(
                        "dead letters are redriven and discarded here by who has a token only:"
                                + " configure http.token");
    }

    /** A page of the web may have a name that leads to this machine. */
    private boolean isLoopback(@Nullable String name) {
        return name != null && (name.equals(host) || LOOPBACK.matcher(name).matches());
    }

    /** Why users' data is denied to who may not read it, and what would open it. */
    String denial() {
        return switch (access) {
            case EVERYONE ->
                    "ask for it with the address of loopback, such as http://127.0.0.1, or"
                            + " configure http.token";
            case TOKEN_HOLDERS ->
                    "needs Authorization: Bearer TOKEN, with http.token of the configuration";
            case NOBODY_WITHOUT_A_TOKEN ->
                    "users' data is served on loopback only, or with http.token and"
                            + " http.tls.* configured";
            case NOBODY_WITHOUT_TLS ->
                    "users' data is served with TLS only (http.tls.certificate,"
                            + " http.tls.key): the token must not be sent in clear text";
        };
    }
}
