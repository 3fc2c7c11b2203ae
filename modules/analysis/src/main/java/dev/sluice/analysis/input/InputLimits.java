package dev.sluice.analysis.input;

import java.util.OptionalInt;

/**
 * Bounds of the content.
 *
 * @param maxCharacters code points shown to the model; the rest is cut off
 * @param maxTokens tokens shown to the model, if they are limited too
 * @param maxBytes UTF-8 bytes above which a request is refused
 */
public record InputLimits(InputKind kind, int maxCharacters, OptionalInt maxTokens, long maxBytes) {
    /** A character beyond ASCII has at most so many bytes more than one within. */
    private static final int WIDER = 3;

    /** So much may cleaning add to a text, and reduction to a page; what is more is cut off. */
    private static final long TEXT_ALLOWANCE = 256;

    private static final long HTML_ALLOWANCE = 2_048;

    /**
     * How many UTF-8 bytes of such content are shown to the model at most; the rest is cut off.
     * Pages are built that grow without end when they are reduced, so this is what bounds a call's
     * cost.
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
