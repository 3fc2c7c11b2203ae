package dev.sluice.analysis.input;

import java.nio.charset.StandardCharsets;

/**
 * How large content is, which bounds what the model can be shown of it.
 *
 * @param bytes of it in UTF-8
 * @param wide characters that may be shown as more than one byte: those beyond ASCII, and
 *     ampersands, which may begin an entity that stands for one
 */
public record ContentSize(long bytes, long wide) {
    public static ContentSize of(String content) {
        byte[] utf8 = content.getBytes(StandardCharsets.UTF_8);
        return of(utf8, utf8.length);
    }

    /** Of the first bytes of an array, which are UTF-8. */
    public static ContentSize of(byte[] utf8, int length) {
        long wide = 0;
        for (int i = 0; i < length; i++) {
            boolean startsWide = (utf8[i] & 0xC0) == 0xC0;
            wide += startsWide || utf8[i] == '&' ? 1 : 0;
        }
        return new ContentSize(length, wide);
    }
}
