package dev.sluice.app.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jsoup.Jsoup;

/** A file as text: web pages in the encoding they declare, everything else as UTF-8. */
public final class PageFile {
    private PageFile() {}

    /** The file's text; bytes that are no text in its encoding become U+FFFD. */
    public static String read(Path file) throws IOException {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return decoded(Files.readAllBytes(file), name.endsWith(".html") || name.endsWith(".htm"));
    }

    /**
     * The text of some bytes.
     *
     * @param isPage whether it is a web page, which may declare its encoding
     */
    public static String decoded(byte[] bytes, boolean isPage) throws IOException {
        Charset charset =
                isPage
                        ? Jsoup.parse(new ByteArrayInputStream(bytes), null, "").charset()
                        : StandardCharsets.UTF_8;
        return new String(bytes, charset);
    }
}
