package dev.sluice.analysis.input;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jsoup.Jsoup;

/** Reads files as text: web pages in the encoding that they declare, all other files as UTF-8. */
public final class PageFile {
    private PageFile() {}

    /** The file's text. Bytes that are not valid in its encoding become U+FFFD. */
    public static String read(Path file) throws IOException {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return decoded(Files.readAllBytes(file), name.endsWith(".html") || name.endsWith(".htm"));
    }

    /**
     * Decodes bytes.
     *
     * @param isPage whether the bytes are a web page, which may declare its encoding
     */
    public static String decoded(byte[] bytes, boolean isPage) throws IOException {
        Charset charset =
                isPage
                        ? Jsoup.parse(new ByteArrayInputStream(bytes), null, "").charset()
                        : StandardCharsets.UTF_8;
        return new String(bytes, charset);
    }
}
