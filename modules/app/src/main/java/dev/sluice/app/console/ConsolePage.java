package dev.sluice.app.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/**
 * A file of the console's page. It has no data: these come from {@code /api/console}.
 *
 * @param type media type
 */
public record ConsolePage(String type, @SuppressWarnings("ArrayRecordComponent") byte[] bytes) {
    /** Address of the page. */
    public static final String PATH = "/console";

    /** What the page may load and do: its own script and style, and questions to its own server. */
    public static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
                    + " img-src 'self'; base-uri 'none'; form-action 'none';"
                    + " frame-ancestors 'none'";

    private static final Map<String, ConsolePage> PAGES =
            Map.of(
                    PATH,
                    read("console.html", "text/html; charset=utf-8"),
                    PATH + "/dead-letters",
                    read("letters.html", "text/html; charset=utf-8"),
                    PATH + "/letters.js",
                    read("letters.js", "text/javascript; charset=utf-8"),
                    PATH + "/elements.js",
                    read("elements.js", "text/javascript; charset=utf-8"),
                    PATH + "/console.css",
                    read("console.css", "text/css; charset=utf-8"),
                    PATH + "/console.js",
                    read("console.js", "text/javascript; charset=utf-8"),
                    PATH + "/icon.svg",
                    read("icon.svg", "image/svg+xml"));

    /** The file at a path. */
    public static Optional<ConsolePage> at(String path) {
        return Optional.ofNullable(PAGES.get(path));
    }

    private static ConsolePage read(String name, String type) {
        try (InputStream file = ConsolePage.class.getResourceAsStream(name)) {
            if (file == null) {
                throw new IllegalStateException(name + " is missing beside the console's classes");
            }
            return new ConsolePage(type, file.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }
}
