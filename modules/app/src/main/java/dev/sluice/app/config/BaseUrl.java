package dev.sluice.app.config;

import dev.sluice.analysis.model.Provider;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Validates a provider's base URL. Messages do not show the URL, because it may contain a password,
 * which is one of the mistakes that they report.
 */
final class BaseUrl {
    /** Parts of a path that the client adds to the base URL itself. */
    private static final Pattern ADDED =
            Pattern.compile("(.*?)(/chat(?:/completions)?|/completions|/responses|/messages)/*");

    private static final Pattern DOUBLED = Pattern.compile(".*/(v\\d+)/(?:.*/)?\\1(?:/.*)?");

    private BaseUrl() {}

    /**
     * Parses a base URL.
     *
     * @throws IllegalArgumentException naming the mistake and the fix
     */
    static URI of(String text, Provider provider) {
        URI url;
        try {
            url = new URI(text.strip());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "is not a valid URL; write one such as " + provider.baseUrl(), e);
        }
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        if (!Set.of("https", "http").contains(scheme) || url.isOpaque()) {
            throw new IllegalArgumentException(
                    "must begin with https:// or http://; write one such as " + provider.baseUrl());
        }
        if (url.getRawUserInfo() != null
                || String.valueOf(url.getRawAuthority()).indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "must not contain a user or password; set the key in api-key");
        }
        if (url.getHost() == null || url.getPort() > 65_535 || url.getPort() == 0) {
            throw new IllegalArgumentException(
                    "has no host that can be called; write one such as " + provider.baseUrl());
        }
        if (url.getRawQuery() != null || url.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "must end with the path: remove everything from ? or # on");
        }
        problem(url, provider)
                .ifPresent(problem -> {
                    throw new IllegalArgumentException(problem);
                });
        return url;
    }

    private static Optional<String> problem(URI url, Provider provider) {
        String path = String.valueOf(url.getRawPath());
        String origin = url.getScheme() + "://" + url.getRawAuthority();
        Matcher added = ADDED.matcher(path);
        if (added.matches()) {
            return Optional.of(
                    "must end before "
                            + added.group(2)
                            + ", which is added to it: "
                            + origin
                            + (provider == Provider.ANTHROPIC
                                    ? added.group(1).replaceFirst("/v1$", "")
                                    : added.group(1)));
        }
        if (path.contains("//")) {
            return Optional.of(
                    "has an empty part in its path: " + origin + path.replaceAll("/+", "/"));
        }
        if (DOUBLED.matcher(path).matches()) {
            return Optional.of("has its version twice in its path");
        }
        boolean hasPath = !path.isEmpty() && !path.equals("/");
        return switch (provider) {
            case OPENAI ->
                    !hasPath && String.valueOf(url.getHost()).equals("api.openai.com")
                            ? Optional.of("needs the path of the interface: " + origin + "/v1")
                            : Optional.empty();
            case AZURE ->
                    hasPath
                            ? Optional.empty()
                            : Optional.of(
                                    "needs the path of Azure's interface: "
                                            + origin
                                            + "/openai/v1");
            case ANTHROPIC ->
                    path.matches(".*/v1/?")
                            ? Optional.of(
                                    "must end before /v1, which is added to it: "
                                            + origin
                                            + path.replaceFirst("/v1/?$", ""))
                            : Optional.empty();
        };
    }
}
