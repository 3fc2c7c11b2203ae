package dev.sluice.analysis.input;

import static dev.sluice.analysis.input.Markup.attribute;
import static dev.sluice.analysis.input.Markup.tokens;

import dev.sluice.analysis.compute.CutOff;
import java.util.Set;
import java.util.stream.Collectors;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;

/** Writer of the reduced body of a page: the kept elements and the visible text. */
final class BodyWriter implements FlatTree.Visitor {
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

    private static final Set<String> QUALIFIERS = Set.of("nofollow", "sponsored", "ugc");

    private final StringBuilder out = new StringBuilder();

    @Override
    public boolean enter(Node node) {
        if (node instanceof TextNode text) {
            out.append(Markup.text(text.text()));
            return true;
        }
        if (!(node instanceof Element element) || DROPPED.contains(element.normalName())) {
            return false;
        }
        String name = element.normalName();
        if (name.equals("img")) {
            writeImage(element);
        } else if (name.equals("br")) {
            out.append('\n');
        } else if (name.equals("a") && element.hasAttr("href")) {
            writeLink(element);
        } else if (KEPT.contains(name)) {
            out.append(element.isBlock() ? "\n<" : "<").append(name).append('>');
        } else if (element.isBlock()) {
            out.append('\n');
        }
        return true;
    }

    @Override
    public void leave(Element element) {
        if (KEPT.contains(element.normalName())) {
            out.append("</").append(element.normalName()).append('>');
            if (element.isBlock()) {
                out.append('\n');
            }
        }
    }

    /** The written body, with single spaces between words and no empty lines. */
    String written() {
        StringBuilder tidied = new StringBuilder(out.length());
        for (int i = 0; i < out.length(); ) {
            CutOff.check(i);
            int end = i;
            boolean endsLine = false;
            while (end < out.length() && isSpace(out.charAt(end))) {
                endsLine |= out.charAt(end) == '\n';
                end++;
            }
            if (end > i) {
                tidied.append(endsLine ? '\n' : ' ');
                i = end;
            } else {
                tidied.append(out.charAt(i));
                i++;
            }
        }
        return tidied.toString().strip();
    }

    private static boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0;
    }

    private void writeLink(Element link) {
        out.append("<a href=\"").append(target(link.attr("href"))).append('"');
        String qualified =
                tokens(link.attr("rel"))
                        .filter(QUALIFIERS::contains)
                        .collect(Collectors.joining(" "));
        if (!qualified.isEmpty()) {
            out.append(" rel=\"").append(qualified).append('"');
        }
        if (!link.attr("aria-label").isBlank()) {
            out.append(" aria-label=\"").append(attribute(link.attr("aria-label"))).append('"');
        }
        out.append('>');
    }

    /**
     * Writes an image. An absent alt and an empty alt differ in meaning, so they are written
     * differently.
     */
    private void writeImage(Element image) {
        out.append("<img src=\"").append(target(image.attr("src"))).append('"');
        if (image.hasAttr("alt")) {
            out.append(" alt=\"").append(attribute(image.attr("alt"))).append('"');
        }
        out.append('>');
    }

    private static String target(String address) {
        boolean carriesData = address.strip().regionMatches(true, 0, "data:", 0, 5);
        return carriesData ? "data:" : attribute(address);
    }
}
