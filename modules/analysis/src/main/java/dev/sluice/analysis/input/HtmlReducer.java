package dev.sluice.analysis.input;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Entities;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeFilter;

/**
 * Reduces a web page to what its review needs: title, meta, canonical and alternate links, types of
 * structured data, headings, links with their text, images with their alt, and the visible text.
 * The rest (scripts, styles, SVG, comments, data URIs, layout) goes. What remains is small,
 * well-formed HTML with the head first, so that truncation takes the end of the text and never the
 * title.
 */
final class HtmlReducer {
    private static final Set<String> DROPPED =
            Set.of(
                    "script",
                    "style",
                    "svg",
                    "template",
                    "iframe",
                    "object",
                    "embed",
                    "canvas",
                    "video",
                    "audio",
                    "math",
                    "head",
                    "title");

    private static final Set<String> KEPT =
            Set.of(
                    "h1",
                    "h2",
                    "h3",
                    "h4",
                    "h5",
                    "h6",
                    "p",
                    "a",
                    "ul",
                    "ol",
                    "li",
                    "table",
                    "tr",
                    "th",
                    "td",
                    "blockquote",
                    "pre",
                    "nav",
                    "header",
                    "main",
                    "footer",
                    "article",
                    "noscript",
                    "button");

    /** Meta elements that a reviewer of a page's search appearance looks at. */
    private static final Set<String> METAS =
            Set.of(
                    "description",
                    "robots",
                    "googlebot",
                    "bingbot",
                    "content-language",
                    "viewport",
                    "keywords",
                    "author",
                    "refresh",
                    "og:title",
                    "og:description",
                    "og:image",
                    "og:url",
                    "og:type",
                    "twitter:card",
                    "twitter:title",
                    "twitter:description");

    private static final Set<String> LINKS =
            Set.of("canonical", "alternate", "amphtml", "next", "prev");

    private static final Pattern STRUCTURED_TYPE =
            Pattern.compile("\"@type\"\\s*:\\s*(?:\"([^\"]{1,100})\"|\\[([^\\]]{1,300})\\])");

    /** No element has such a name; the parser takes quadratic time for it. */
    private static final Pattern ENDLESS_TAG = Pattern.compile("<[a-zA-Z][^\\s/>]{200,}");

    private static final Set<String> QUALIFIERS = Set.of("nofollow", "sponsored", "ugc");

    private static final int MAX_ATTRIBUTE = 300;

    /** Long enough for a text that is far too long to be seen as such. */
    private static final int MAX_META = 1_000;

    private HtmlReducer() {}

    static String reduce(String html) {
        Document page = Jsoup.parse(ENDLESS_TAG.matcher(html).replaceAll(""));
        List<String> head = new ArrayList<>();
        addHead(page, head);
        StringBuilder body = new StringBuilder();
        page.body().filter(new BodyWriter(body));
        return String.join("\n", head) + "\n" + tidied(body);
    }

    private static void addHead(Document page, List<String> lines) {
        Element html = page.selectFirst("html");
        if (html != null && !html.attr("lang").isEmpty()) {
            lines.add("<html lang=\"" + attribute(html.attr("lang")) + "\">");
        }
        // Anything out of place in the head makes the parser move the rest of it to the body.
        for (Element title : page.select("title")) {
            if (title.closest("svg, template") == null) {
                lines.add("<title>" + text(title.text().strip()) + "</title>");
            }
        }
        for (Element meta : page.select("meta")) {
            String name = metaName(meta);
            if (METAS.contains(name)) {
                lines.add(
                        "<meta name=\""
                                + name
                                + "\" content=\""
                                + attribute(meta.attr("content"), MAX_META)
                                + "\">");
            }
        }
        for (Element link : page.select("link[rel]")) {
            Optional<String> known = tokens(link.attr("rel")).filter(LINKS::contains).findFirst();
            if (known.isPresent()) {
                String rel = known.get();
                String language =
                        link.hasAttr("hreflang")
                                ? " hreflang=\"" + attribute(link.attr("hreflang")) + "\""
                                : "";
                lines.add(
                        "<link rel=\""
                                + rel
                                + "\""
                                + language
                                + " href=\""
                                + attribute(link.attr("href"))
                                + "\">");
            }
        }
        addStructuredData(page, lines);
    }

    private static void addStructuredData(Document page, List<String> lines) {
        List<String> types = new ArrayList<>();
        for (Element script : page.select("script[type^=application/ld+json]")) {
            Matcher type = STRUCTURED_TYPE.matcher(script.data());
            while (type.find() && types.size() < 20) {
                types.add(type.group(1) != null ? type.group(1) : type.group(2).replace("\"", ""));
            }
        }
        for (Element item : page.select("[itemtype]")) {
            if (types.size() < 20) {
                types.add(item.attr("itemtype"));
            }
        }
        if (!types.isEmpty()) {
            lines.add(
                    "<meta name=\"structured-data\" content=\""
                            + attribute(String.join(", ", types))
                            + "\">");
        }
    }

    private static String metaName(Element meta) {
        return Stream.of("name", "property", "http-equiv")
                .map(key -> meta.attr(key).strip().toLowerCase(Locale.ROOT))
                .filter(METAS::contains)
                .findFirst()
                .orElse("");
    }

    private static Stream<String> tokens(String attribute) {
        return Stream.of(attribute.toLowerCase(Locale.ROOT).strip().split("\\s+", -1));
    }

    /** Quotation marks are themselves in a text, and half of the words of a dialogue. */
    private static String text(String value) {
        return Entities.escape(value).replace("&quot;", "\"").replace("&apos;", "'");
    }

    private static String attribute(String value) {
        return attribute(value, MAX_ATTRIBUTE);
    }

    private static String attribute(String value, int limit) {
        String trimmed = value.strip().replaceAll("\\s+", " ");
        boolean tooLong = trimmed.codePointCount(0, trimmed.length()) > limit;
        String bounded =
                tooLong
                        ? trimmed.substring(0, trimmed.offsetByCodePoints(0, limit)) + "…"
                        : trimmed;
        return Entities.escape(bounded).replace("\"", "&quot;");
    }

    /** One space between words, no empty lines, no elements left without content. */
    private static String tidied(StringBuilder body) {
        return body.toString()
                .replaceAll("[ \\t\\x0B\\f\\r\\u00a0]+", " ")
                .replaceAll("\\s*\\n\\s*", "\n")
                .strip();
    }

    /** Writes the body's kept elements and its text. */
    private static final class BodyWriter implements NodeFilter {
        private final StringBuilder out;

        BodyWriter(StringBuilder out) {
            this.out = out;
        }

        @Override
        public FilterResult head(Node node, int depth) {
            if (node instanceof TextNode text) {
                out.append(text(text.text()));
                return FilterResult.CONTINUE;
            }
            if (!(node instanceof Element element)) {
                return FilterResult.SKIP_ENTIRELY;
            }
            String name = element.normalName();
            if (DROPPED.contains(name)) {
                return FilterResult.SKIP_ENTIRELY;
            }
            if (name.equals("img")) {
                writeImage(element);
            } else if (name.equals("br")) {
                out.append('\n');
            } else if (name.equals("a") && element.hasAttr("href")) {
                out.append("<a href=\"").append(target(element.attr("href"))).append('"');
                String qualified =
                        tokens(element.attr("rel"))
                                .filter(QUALIFIERS::contains)
                                .collect(Collectors.joining(" "));
                if (!qualified.isEmpty()) {
                    out.append(" rel=\"").append(qualified).append('"');
                }
                if (!element.attr("aria-label").isBlank()) {
                    out.append(" aria-label=\"")
                            .append(attribute(element.attr("aria-label")))
                            .append('"');
                }
                out.append('>');
            } else if (KEPT.contains(name)) {
                out.append(element.isBlock() ? "\n<" : "<").append(name).append('>');
            } else if (element.isBlock()) {
                out.append('\n');
            }
            return FilterResult.CONTINUE;
        }

        @Override
        public FilterResult tail(Node node, int depth) {
            if (node instanceof Element element && KEPT.contains(element.normalName())) {
                out.append("</").append(element.normalName()).append('>');
                if (element.isBlock()) {
                    out.append('\n');
                }
            }
            return FilterResult.CONTINUE;
        }

        /** An absent alt and an empty one mean different things, so both are kept apart. */
        private void writeImage(Element image) {
            out.append("<img src=\"").append(target(image.attr("src"))).append('"');
            if (image.hasAttr("alt")) {
                out.append(" alt=\"").append(attribute(image.attr("alt"))).append('"');
            }
            out.append('>');
        }

        private static String target(String address) {
            boolean carriesData = address.strip().toLowerCase(Locale.ROOT).startsWith("data:");
            return carriesData ? "data:" : attribute(address);
        }
    }
}
