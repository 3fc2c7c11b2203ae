package dev.sluice.analysis.input;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingResult;
import com.knuddels.jtokkit.api.EncodingType;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.text.Graphemes;
import dev.sluice.analysis.text.Texts;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Counts tokens as a model would: exactly where its encoding is known, with a margin where it is
 * not. If several models may answer, the one that makes the most tokens counts. Counting takes
 * about half a millisecond a page, so the length in bytes decides wherever it can: no text has more
 * tokens than bytes. Safe for use by many threads.
 */
public final class TokenCounter {
    private static final EncodingRegistry ENCODINGS = Encodings.newLazyEncodingRegistry();

    private final List<Measure> measures;

    /** One way to count; an estimate takes the margin on top and is never above the bytes. */
    private record Measure(EncodingType encoding, boolean exact) {
        static Measure of(Optional<ModelTraits.Encoding> encoding) {
            return encoding.map(known ->
                            switch (known) {
                                case O200K_BASE -> new Measure(EncodingType.O200K_BASE, true);
                                case CL100K_BASE -> new Measure(EncodingType.CL100K_BASE, true);
                            })
                    .orElseGet(() -> new Measure(EncodingType.O200K_BASE, false));
        }

        int count(String text) {
            int tokens = ENCODINGS.getEncoding(encoding).countTokensOrdinary(text);
            return exact ? tokens : Math.min(Texts.bytes(text), tokens + (tokens + 1) / 2);
        }

        /** About the longest beginning with so many tokens; its own count may be a few more. */
        String cut(String text, int tokens) {
            int own = exact ? tokens : tokens * 2 / 3;
            EncodingResult counted = ENCODINGS.getEncoding(encoding).encodeOrdinary(text, own);
            if (!counted.isTruncated()) {
                return text;
            }
            String beginning =
                    own == 0 ? "" : text.substring(0, counted.getLastProcessedCharacterIndex() + 1);
            String inBytes = exact ? "" : Texts.firstBytes(text, tokens);
            return beginning.length() >= inBytes.length() ? beginning : inBytes;
        }
    }

    private TokenCounter(List<Measure> measures) {
        this.measures = measures;
    }

    /** A counter for models of which any may answer. */
    public static TokenCounter of(Collection<ModelTraits> models) {
        if (models.isEmpty()) {
            throw new IllegalArgumentException("tokens are counted for at least one model");
        }
        return new TokenCounter(
                models.stream().map(traits -> Measure.of(traits.encoding())).distinct().toList());
    }

    /**
     * A counter for models of which any may answer.
     *
     * @param modelIds the provider's ids of their deployments
     */
    public static TokenCounter ofIds(Collection<String> modelIds) {
        return of(modelIds.stream().map(ModelTraits::of).toList());
    }

    /** The most tokens a model can make of the text: no more than bytes where that is estimated. */
    public long bound(String text) {
        return isExact() ? count(text) : Texts.bytes(text);
    }

    /**
     * The most tokens a model can make of a text that was cut to a limit.
     *
     * @param bytes that it has in UTF-8, or more
     * @param limit in tokens, if there is one
     */
    public long bound(long bytes, OptionalInt limit) {
        return isExact() && limit.isPresent() ? Math.min(bytes, limit.getAsInt()) : bytes;
    }

    /** How many tokens the text has, or at most has where it is estimated. */
    public int count(String text) {
        return measures.stream().mapToInt(measure -> measure.count(text)).max().orElseThrow();
    }

    /** Whether the text has at most so many tokens. */
    public boolean fits(String text, int tokens) {
        return Texts.bytes(text) <= tokens || count(text) <= tokens;
    }

    /** The longest beginning found that has at most so many tokens and tears no grapheme. */
    public String first(String text, int tokens) {
        if (fits(text, tokens)) {
            return text;
        }
        String cut = text;
        // A beginning is cut into tokens anew, and torn words make more: then a little less is
        // tried.
        for (int budget = tokens; budget > 0; budget -= Math.max(1, count(cut) - tokens)) {
            for (Measure measure : measures) {
                cut = measure.cut(cut, budget);
            }
            cut = Graphemes.first(cut, cut.length(), text);
            if (fits(cut, tokens)) {
                return cut;
            }
        }
        return "";
    }

    private boolean isExact() {
        return measures.stream().allMatch(Measure::exact);
    }
}
