package dev.sluice.analysis.input;

import dev.sluice.analysis.compute.CutOff;
import java.util.regex.Pattern;
import org.jsoup.nodes.Document;
import org.jsoup.parser.Parser;

/**
 * Reduces a web page to what its review needs: title, meta, canonical and alternate links, types of
 * structured data, headings, links with their text, images with their alt, and the visible text.
 * The rest (scripts, styles, SVG, comments, data URIs, layout) goes. What remains is small,
 * well-formed HTML with the head first, so that truncation takes the end of the text and never the
 * title.
 */
final class HtmlReducer {
    /** No element has such a name; the parser takes quadratic time for it. */
    private static final Pattern ENDLESS_TAG = Pattern.compile("</?[a-zA-Z][^\\s/>]{200,}");

    private HtmlReducer() {}

    /**
     * The reduced page.
     *
     * @throws dev.sluice.analysis.compute.CutOffException if the thread is interrupted
     */
    static String reduce(String html) {
        String sane = ENDLESS_TAG.matcher(html).replaceAll("");
        Document page = Parser.htmlParser().parseInput(CutOff.reader(sane), "");
        BodyWriter body = new BodyWriter();
        FlatTree.walk(page.body(), body);
        return String.join("\n", PageHead.lines(page)) + "\n" + body.written();
    }
}
