package dev.sluice.analysis.input;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.ModelTraits;
import java.nio.charset.StandardCharsets;
import java.text.BreakIterator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputPreparerTest {
    private static final TokenCounter EXACT =
            TokenCounter.of(List.of(ModelTraits.of("gpt-4.1-mini"), ModelTraits.of("gpt-4")));
    private static final TokenCounter ESTIMATED = TokenCounter.of(List.of(ModelTraits.UNKNOWN));

    /** Pieces that are hard to truncate: graphemes of several code points, and incomplete ones. */
    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> piece =
                Arbitraries.of(
                        "a",
                        " ",
                        "word ",
                        "\n",
                        "é",
                        "e\u0301",
                        "日本",
                        "한",
                        "\u1112\u1161\u11ab",
                        "😀",
                        "👨\u200d👩\u200d👧\u200d👦",
                        "🇩🇪",
                        "👍🏽",
                        "नि",
                        "ك\u064e",
                        "\ud83d",
                        "\udc00",
                        "<|endoftext|>",
                        "\u202e",
                        "\u0000",
                        "\r\n",
                        "=====",
                        "xqzjkv");
        return piece.list().ofMaxSize(80).map(pieces -> String.join("", pieces));
    }

    @Property(tries = 1_000)
    void neitherLimitIsExceededAndNoGraphemeIsSplit(
            @ForAll("texts") String content,
            @ForAll @IntRange(min = 1, max = 60) int characters,
            @ForAll @IntRange(min = 1, max = 60) int tokens,
            @ForAll boolean exact) {
        TokenCounter counter = exact ? EXACT : ESTIMATED;
        InputLimits limits =
                new InputLimits(InputKind.TEXT, characters, OptionalInt.of(tokens), 1_000_000);

        PreparedInput input = new InputPreparer(limits, counter).prepare(content);

        String whole = TextCleaner.clean(content);
        String kept = input.text();
        assertThat(whole).startsWith(kept);
        assertThat(kept.codePointCount(0, kept.length()))
                .isEqualTo(input.keptCharacters())
                .isLessThanOrEqualTo(characters);
        assertThat(counter.count(kept)).isLessThanOrEqualTo(tokens);
        assertThat(kept.codePoints()).noneMatch(c -> c >= 0xD800 && c <= 0xDFFF);
        BreakIterator clusters = BreakIterator.getCharacterInstance(Locale.ROOT);
        clusters.setText(whole);
        assertThat(clusters.isBoundary(kept.length())).isTrue();
        assertThat(input.originalCharacters())
                .isEqualTo(content.codePointCount(0, content.length()));
        assertThat(input.truncated()).isEqualTo(kept.length() < whole.length());
    }

    @Property(tries = 200)
    void withoutATokenLimitOnlyTheLastGraphemeIsDropped(
            @ForAll("texts") String content, @ForAll @IntRange(min = 8, max = 60) int characters) {
        InputLimits limits =
                new InputLimits(InputKind.TEXT, characters, OptionalInt.empty(), 1_000_000);

        PreparedInput input = new InputPreparer(limits, EXACT).prepare(content);

        int all = input.reducedCharacters();
        // The longest cluster above has seven code points; more can follow each other unmarked.
        assertThat(input.keptCharacters()).isBetween(Math.min(all, characters) - 8, characters);
    }

    /** Each paragraph reopens the unclosed link with its address. */
    @Test
    void pageThatGrowsWhenReducedIsCutToItsCostLimit() {
        String page = "<p><a href=\"/" + "x".repeat(290) + "\">" + "<p>x".repeat(2_000);
        InputLimits limits =
                new InputLimits(InputKind.HTML, 1_000_000, OptionalInt.empty(), 1_000_000);

        PreparedInput input = new InputPreparer(limits, EXACT).prepare(page);

        assertThat(input.reducedCharacters()).isGreaterThan(10 * page.length());
        assertThat(input.truncated()).isTrue();
        assertThat(input.text().getBytes(StandardCharsets.UTF_8).length)
                .isLessThanOrEqualTo((int) limits.maxShownBytes(ContentSize.of(page)));
    }

    @Property(tries = 200)
    void shownBytesNeverExceedTheBoundOfTheSize(
            @ForAll("growing") String content,
            @ForAll @IntRange(min = 1, max = 3_000) int characters) {
        InputLimits limits =
                new InputLimits(InputKind.TEXT, characters, OptionalInt.empty(), 1_000_000);

        String text = new InputPreparer(limits, EXACT).prepare(content).text();

        assertThat((long) text.getBytes(StandardCharsets.UTF_8).length)
                .isLessThanOrEqualTo(limits.maxShownBytes(ContentSize.of(content)));
    }

    /**
     * Text that grows by a gap after each opening character, or by three bytes for a noncharacter.
     */
    @Provide
    Arbitrary<String> growing() {
        return Arbitraries.of("<|", "\uD83D", "<s>", "é", "a")
                .list()
                .ofMinSize(500)
                .ofMaxSize(1_500)
                .map(pieces -> String.join("", pieces));
    }

    @Test
    void textThatGrowsWhenCleanedIsShownUpToTheBoundOfItsSize() {
        InputLimits limits =
                new InputLimits(InputKind.TEXT, 100_000, OptionalInt.empty(), 1_000_000);
        String content = "<|".repeat(2_000);

        PreparedInput input = new InputPreparer(limits, EXACT).prepare(content);

        assertThat(input.reducedCharacters()).isEqualTo(6_000);
        assertThat((long) input.keptCharacters())
                .isEqualTo(limits.maxShownBytes(ContentSize.of(content)));
    }

    @Test
    void emojiOfManyPartsIsNotSplit() {
        String family = "👨\u200d👩\u200d👧";
        assertThat(cut("a" + family + "b", 4)).isEqualTo("a");
        assertThat(cut("a" + family + "b", 6)).isEqualTo("a" + family);
        assertThat(cut("🇩🇪🇫🇷", 3)).isEqualTo("🇩🇪");
    }

    @Test
    void overlongGraphemeIsCutBetweenCodePoints() {
        String stacked = "e" + "\u0301".repeat(10_000);

        assertThat(cut(stacked, 6_000)).hasSize(6_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {2_000, 2_001, 4_095, 4_096, 4_097, 6_999})
    void longRunsOfFlagsAreCutBetweenFlags(int characters) {
        assertThat(cut("🇩🇪".repeat(4_000), characters).codePoints().count())
                .isEqualTo(characters / 2 * 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, 1_000})
    void tokensAreCountedByTheModelsOwnEncoding(int tokens) {
        TokenCounter counter = TokenCounter.of(List.of(ModelTraits.of("gpt-4.1-mini")));
        String text = "The quick brown fox jumps over the lazy dog. ".repeat(200);

        String cut = counter.first(text, tokens);

        // English has a token per word or so: nearly all that is allowed is used.
        assertThat(counter.count(cut)).isBetween(tokens - 1, tokens);
    }

    @Test
    void unknownModelsAreEstimatedHighAndNeverAboveTheBytes() {
        String text = "The quick brown fox jumps over the lazy dog. ".repeat(20);
        int known = TokenCounter.of(List.of(ModelTraits.of("gpt-4.1-mini"))).count(text);

        assertThat(ESTIMATED.count(text)).isBetween(known * 3 / 2, text.length());
        assertThat(ESTIMATED.count("a")).isEqualTo(1);
    }

    @Test
    void textThatLooksLikeASpecialTokenIsText() {
        assertThat(EXACT.count("<|endoftext|>")).isGreaterThan(1);
    }

    private static String cut(String text, int characters) {
        InputLimits limits =
                new InputLimits(InputKind.TEXT, characters, OptionalInt.empty(), 1_000_000);
        return new InputPreparer(limits, EXACT).prepare(text).text();
    }
}
