package dev.sluice.analysis.input;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HtmlReducerTest {
    @Test
    void contentForAReviewIsKept() {
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
    void strayElementInTheHeadHidesNothing() {
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

    @Test
    void specialAttributesOfALinkAreKept() {
        String reduced =
                HtmlReducer.reduce(
                        "<a href=/a rel='noopener sponsored ugc' aria-label='Our cart'><svg></svg></a>");

        assertThat(reduced)
                .contains("<a href=\"/a\" rel=\"sponsored ugc\" aria-label=\"Our cart\">");
    }

    @Test
    void overlongDescriptionIsKeptLongEnoughToShowIt() {
        String reduced =
                HtmlReducer.reduce("<meta name=description content='" + "x".repeat(700) + "'>");

        assertThat(reduced).contains("x".repeat(700)).doesNotContain("…");
    }

    @Test
    void structuredDataMayHaveSeveralTypes() {
        String reduced =
                HtmlReducer.reduce(
                        "<script type='application/ld+json; charset=utf-8'>"
                                + "{\"@type\": [\"Organization\", \"Brand\"]}</script>");

        assertThat(reduced)
                .contains("<meta name=\"structured-data\" content=\"Organization, Brand\">");
    }

    @Test
    void titleInATemplateIsNotThePagesTitle() {
        assertThat(HtmlReducer.reduce("<title>a</title><template><title>b</title></template>"))
                .contains("<title>a</title>")
                .doesNotContain("<title>b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"open", "closed", "OPEN"})
    void declarativeShadowTreeIsContent(String mode) {
        String reduced =
                HtmlReducer.reduce(
                        """
                        <title>page</title><my-app><template shadowrootmode="%s"><style>p{}</style>
                        <h1>Shadow</h1><p>text</p><title>icon</title><meta name="robots" content="noindex">
                        </template></my-app>
                        """
                                .formatted(mode));

        assertThat(reduced)
                .contains("<h1>Shadow</h1>", "<p>text</p>", "<title>page</title>")
                .doesNotContain("p{}", "icon", "noindex");
    }

    @Test
    void childrenOfAHostAreWrittenInItsSlots() {
        String reduced =
                HtmlReducer.reduce(
                        """
                        <my-card><template shadowrootmode="open"><h1><slot name="title">none</slot></h1>
                        <p>before <slot></slot> after</p><slot name="foot"><p>no foot</p></slot></template>
                        <b>body</b><i slot="title">Title</i><i slot="nowhere">unseen</i></my-card>
                        """);

        assertThat(Jsoup.parse(reduced).select("h1").text()).isEqualTo("Title");
        assertThat(Jsoup.parse(reduced).select("p").eachText())
                .containsExactly("before body after", "no foot");
        assertThat(reduced).doesNotContain("unseen", "none");
    }

    @Test
    void shadowTreesMayBeNestedAndPassChildrenOn() {
        String reduced =
                HtmlReducer.reduce(
                        """
                        <x-outer><template shadowrootmode="open"><x-inner><template shadowrootmode="closed">
                        <h1>[<slot></slot>]</h1></template><slot></slot></x-inner></template>deep</x-outer>
                        """);

        assertThat(Jsoup.parse(reduced).select("h1").text().replace(" ", "")).isEqualTo("[deep]");
    }

    @Test
    void otherTemplatesAreNotContent() {
        String reduced =
                HtmlReducer.reduce(
                        """
                        <div><template shadowrootmode="no">a1</template><template>a2</template>
                        <template shadowrootmode="open">shown</template>
                        <template shadowrootmode="open">a3</template></div>
                        <table><td><template shadowrootmode="open">a4</template></td></table>
                        """);

        assertThat(reduced).contains("shown").doesNotContain("a1", "a2", "a3", "a4");
    }

    @Test
    void elementWithAnOverlongNameIsRemoved() {
        assertThat(HtmlReducer.reduce("<" + "a".repeat(2_000_000) + "><p>text"))
                .contains("text")
                .hasSizeLessThan(100);
    }

    /** The metadata that affects search results is kept for every shipped example page. */
    @ParameterizedTest
    @MethodSource("examplePages")
    void metadataOfExamplePagesIsKept(Path file) throws IOException {
        String html = Files.readString(file);
        Document page = Jsoup.parse(html);
        Document reduced = Jsoup.parse(HtmlReducer.reduce(html));

        assertThat(texts(reduced, "title")).isEqualTo(texts(page, "title"));
        assertThat(reduced.select("html").attr("lang")).isEqualTo(page.select("html").attr("lang"));
        for (String meta : List.of("description", "robots", "viewport")) {
            String of = "meta[name=" + meta + "]";
            assertThat(reduced.select(of).eachAttr("content"))
                    .isEqualTo(squeezed(page.select(of).eachAttr("content")));
        }
        for (String rel : List.of("canonical", "alternate")) {
            String of = "link[rel=" + rel + "]";
            assertThat(reduced.select(of).eachAttr("href"))
                    .isEqualTo(squeezed(page.select(of).eachAttr("href")));
            assertThat(reduced.select(of + "[hreflang]").eachAttr("hreflang"))
                    .isEqualTo(page.select(of + "[hreflang]").eachAttr("hreflang"));
        }
        assertThat(texts(reduced, "h1, h2, h3, h4, h5, h6"))
                .isEqualTo(texts(page.body(), "h1, h2, h3, h4, h5, h6"));
        assertThat(texts(reduced, "a[href]")).isEqualTo(texts(page.body(), "a[href]"));
        assertThat(reduced.select("img[alt]").eachAttr("alt"))
                .isEqualTo(squeezed(page.body().select("img[alt]").eachAttr("alt")));
        assertThat(reduced.select("img")).hasSameSizeAs(page.body().select("img"));
        page.select("[itemtype]")
                .forEach(item ->
                        assertThat(reduced.select("meta[name=structured-data]").attr("content"))
                                .contains(item.attr("itemtype")));
    }

    static Stream<Path> examplePages() throws IOException {
        return Files.list(Path.of("../../examples/pages"))
                .filter(file -> file.toString().endsWith(".html"))
                .sorted();
    }

    /** Visible texts, without surrounding white space. */
    private static List<String> texts(Element root, String selector) {
        Element copy = root.clone();
        copy.select("script, style, svg, template, iframe, noscript").remove();
        return copy.select(selector).stream()
                .map(element -> element.text().replaceAll("\\s+", "").strip())
                .toList();
    }

    private static List<String> squeezed(List<String> values) {
        return values.stream()
                .map(value -> value.strip().replaceAll("\\s+", " "))
                .map(value -> value.length() > 1_000 ? value.substring(0, 1_000) + "…" : value)
                .toList();
    }
}
