package dev.sluice.analysis.input;

import dev.sluice.analysis.compute.CutOff;
import java.util.regex.Pattern;
import org.jsoup.nodes.Document;
import org.jsoup.parser.Parser;

/**
 * Reducer of web pages. It keeps title, meta, canonical and alternate links, types of structured
 * data, headings, links with their text, images with their alt, and the visible text. It removes
 * all else: scripts, styles, SVG, comments, data URIs and layout. The result is small, well-formed
 * HTML with the head first, so that truncation removes the end of the text and never the title.
 */
final class HtmlReducer {
    /** Tag names too long to be real; the parser needs quadratic time for them. */
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
