package dev.sluice.analysis.input;

import java.nio.charset.StandardCharsets;

/**
 * Size of content; it bounds how much of the content the model can be shown.
 *
 * @param bytes length in UTF-8
 * @param wide number of characters that may be shown as more than one byte: those beyond ASCII, and
 *     ampersands, which may begin an entity for such a character
 */
public record ContentSize(long bytes, long wide) {
    public static ContentSize of(String content) {
        byte[] utf8 = content.getBytes(StandardCharsets.UTF_8);
        return of(utf8, utf8.length);
    }

    /** The size of the first {@code length} bytes of UTF-8 text. */
    public static ContentSize of(byte[] utf8, int length) {
        long wide = 0;
        for (int i = 0; i < length; i++) {
            boolean startsWide = (utf8[i] & 0xC0) == 0xC0;
            wide += startsWide || utf8[i] == '&' ? 1 : 0;
        }
        return new ContentSize(length, wide);
    }
}
