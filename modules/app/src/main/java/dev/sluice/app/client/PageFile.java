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
        byte[] bytes = Files.readAllBytes(file);
        return new String(bytes, charset(file, bytes));
    }

    private static Charset charset(Path file, byte[] bytes) throws IOException {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        boolean isPage = name.endsWith(".html") || name.endsWith(".htm");
        return isPage
                ? Jsoup.parse(new ByteArrayInputStream(bytes), null, "").charset()
                : StandardCharsets.UTF_8;
    }
}
