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
 * Counter of a model's tokens: exact where the model's encoding is known, an estimate with a margin
 * where it is not. If several models may answer, the largest count is used. Counting takes about
 * half a millisecond a page, so it is skipped where the length in bytes decides: no text has more
 * tokens than bytes. Safe for use by many threads.
 */
public final class TokenCounter {
    private static final EncodingRegistry ENCODINGS = Encodings.newLazyEncodingRegistry();

    private final List<Measure> measures;

    /** One way to count. An estimate adds the margin and is never above the bytes. */
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

        /**
         * About the longest prefix with this many tokens; counted again, it may have a few more.
         */
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

    /** Upper bound of the text's tokens; at most its bytes where the count is estimated. */
    public long bound(String text) {
        return isExact() ? count(text) : Texts.bytes(text);
    }

    /**
     * Upper bound of the tokens of a text that was truncated to a limit.
     *
     * @param bytes upper bound of its length in UTF-8
     * @param limit limit in tokens, if there is one
     */
    public long bound(long bytes, OptionalInt limit) {
        return isExact() && limit.isPresent() ? Math.min(bytes, limit.getAsInt()) : bytes;
    }

    /** Number of tokens of the text, or an upper bound where it is estimated. */
    public int count(String text) {
        return measures.stream().mapToInt(measure -> measure.count(text)).max().orElseThrow();
    }

    /** Whether the text has at most {@code tokens} tokens. */
    public boolean fits(String text, int tokens) {
        return Texts.bytes(text) <= tokens || count(text) <= tokens;
    }

    /**
     * The longest prefix found that has at most {@code tokens} tokens and ends between graphemes.
     */
    public String first(String text, int tokens) {
        if (fits(text, tokens)) {
            return text;
        }
        String cut = text;
        // The prefix is tokenized again, and a split word has more tokens: then try a shorter one.
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
