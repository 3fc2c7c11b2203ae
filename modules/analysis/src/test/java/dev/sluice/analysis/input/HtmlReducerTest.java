package dev.sluice.analysis.input;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.definition.AnalysisDefinition.InputLimits;
import dev.sluice.analysis.definition.InputKind;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.Test;

class HtmlReducerTest {
    @Test
    void whatAReviewerNeedsIsKept() {
        String reduced =
                HtmlReducer.reduce(
                        """
                        <html lang="de"><head><title> A  &amp; B
                        </title>
                        <meta name="Description" content="Say &quot;hi&quot;"><meta property="og:title" content="OG">
                        <meta name="robots" content="noindex"><link rel="canonical" href="/c">
                        <link rel="alternate" hreflang="fr" href="/fr"><style>.x{}</style>
                        <script type="application/ld+json">{"@type": "Article"}</script></head>
                        <body><h1>One</h1><p>Text <b>bold</b></p><img src="a.png"><img src="b.png" alt="">
                        <img src="data:image/png;base64,AAAA" alt="pic"><a href="/x" rel="nofollow">link</a>
                        <svg><title>icon</title></svg><!-- note --><script>alert(1)</script></body></html>
                        """);

        Document page = Jsoup.parse(reduced);
        assertThat(page.title()).isEqualTo("A & B");
        assertThat(page.select("title")).hasSize(1);
        assertThat(page.select("html").attr("lang")).isEqualTo("de");
        assertThat(page.select("meta[name=description]").attr("content")).isEqualTo("Say \"hi\"");
        assertThat(page.select("meta[name=og:title]").attr("content")).isEqualTo("OG");
        assertThat(page.select("meta[name=robots]").attr("content")).isEqualTo("noindex");
        assertThat(page.select("link[rel=canonical]").attr("href")).isEqualTo("/c");
        assertThat(page.select("link[hreflang=fr]").attr("href")).isEqualTo("/fr");
        assertThat(page.select("meta[name=structured-data]").attr("content")).isEqualTo("Article");
        assertThat(page.select("h1").text()).isEqualTo("One");
        assertThat(page.select("p").text()).isEqualTo("Text bold");
        assertThat(page.select("img:not([alt])")).hasSize(1);
        assertThat(page.select("img[alt=]")).hasSize(1);
        assertThat(page.select("a[rel=nofollow]").text()).isEqualTo("link");
        assertThat(reduced).doesNotContain("alert", "note", "AAAA", ".x{}", "icon");
    }

    @Test
    void aStrayElementInTheHeadHidesNothing() {
        String reduced =
                HtmlReducer.reduce(
                        """
                        <html><head><img src="/pixel"><title>After</title>
                        <link rel="nofollow Canonical " href="/c">
                        <meta name="x" property="og:title" content="OG"></head><body>b</body></html>
                        """);

        Document page = Jsoup.parse(reduced);
        assertThat(page.title()).isEqualTo("After");
        assertThat(page.select("link[rel=canonical]").attr("href")).isEqualTo("/c");
        assertThat(page.select("meta[name=og:title]").attr("content")).isEqualTo("OG");
        assertThat(page.body().text()).isEqualTo("b");
    }

    @Test
    void textThatLooksLikeMarkupStaysText() {
        String reduced =
                HtmlReducer.reduce("<title>Real</title><p>&lt;title&gt;Fake&lt;/title&gt;</p>");

        assertThat(Jsoup.parse(reduced).select("title")).hasSize(1);
        assertThat(Jsoup.parse(reduced).select("p").text()).isEqualTo("<title>Fake</title>");
    }

    @Test
    void deepNestingDoesNotOverflow() {
        String deep = "<div>".repeat(100_000) + "deep text";

        assertThat(HtmlReducer.reduce(deep)).contains("deep text");
    }

    @Property(tries = 200)
    void truncationKeepsWholeCodePointsAndSaysHowMany(
            @ForAll String content, @ForAll @IntRange(min = 1, max = 40) int limit) {
        PreparedInput input =
                InputPreparer.prepare(content, new InputLimits(InputKind.TEXT, limit, 1_000_000));

        int all = content.codePointCount(0, content.length());
        assertThat(input.originalCharacters()).isEqualTo(all);
        assertThat(input.keptCharacters()).isEqualTo(Math.min(all, limit));
        assertThat(content).startsWith(input.text());
        assertThat(input.text().codePointCount(0, input.text().length()))
                .isEqualTo(input.keptCharacters());
        assertThat(input.truncated()).isEqualTo(all > limit);
    }

    @Test
    void anEmojiIsNotTornInTwo() {
        PreparedInput input =
                InputPreparer.prepare("a😀b", new InputLimits(InputKind.TEXT, 2, 100));

        assertThat(input.text()).isEqualTo("a😀");
    }
}
