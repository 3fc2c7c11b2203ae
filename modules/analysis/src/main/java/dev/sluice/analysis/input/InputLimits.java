package dev.sluice.analysis.input;

import java.util.OptionalInt;

/**
 * Limits of the content.
 *
 * @param maxCharacters most code points shown to the model; the rest is cut off
 * @param maxTokens most tokens shown to the model, if limited
 * @param maxBytes UTF-8 bytes above which a request is rejected
 */
public record InputLimits(InputKind kind, int maxCharacters, OptionalInt maxTokens, long maxBytes) {
    /** Most additional UTF-8 bytes of a character beyond ASCII. */
    private static final int WIDER = 3;

    /**
     * Bytes that cleaning may add to a text; more are cut off. {@code HTML_ALLOWANCE} is the same
     * for the reduction of a page.
     */
    private static final long TEXT_ALLOWANCE = 256;

    private static final long HTML_ALLOWANCE = 2_048;

    /**
     * Most UTF-8 bytes shown to the model for content of this size; the rest is cut off. This
     * bounds a call's cost, because a hostile page may grow without limit when it is reduced.
     */
    public long maxShownBytes(ContentSize content) {
        long allowance =
                switch (kind) {
                    case TEXT -> TEXT_ALLOWANCE;
                    case HTML -> Math.min(HTML_ALLOWANCE, TEXT_ALLOWANCE + 2 * content.bytes());
                };
        long characters = Math.min((long) maxCharacters, content.bytes());
        long wide = Math.min(characters, content.wide());
        return characters + WIDER * wide + allowance;
    }
}
