package dev.sluice.analysis.input;

import static dev.sluice.analysis.input.Markup.attribute;
import static dev.sluice.analysis.input.Markup.tokens;

import dev.sluice.analysis.compute.CutOff;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.select.NodeFilter;

/**
 * Collector of a page's metadata, wherever in the page it is: language, titles, meta, links and
 * types of structured data. Shadow trees contain no titles, meta and links of the page.
 */
final class PageHead implements NodeFilter {
    /** Meta elements that affect a page's appearance in search results. */
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

    /**
     * Most characters of a meta value: long enough for the model to notice that a value is far too
     * long.
     */
    private static final int MAX_META = 1_000;

    private static final int MAX_TYPES = 20;

    private final List<String> titles = new ArrayList<>();
    private final List<String> metas = new ArrayList<>();
    private final List<String> links = new ArrayList<>();
    private final List<String> scriptTypes = new ArrayList<>();
    private final List<String> itemTypes = new ArrayList<>();
    private int shadows;

    private PageHead() {}

    /**
     * The metadata as lines of HTML, with only the elements that a head allows; any other would end
     * the head.
     */
    static List<String> lines(Document page) {
        PageHead head = new PageHead();
        page.filter(head);
        List<String> lines = new ArrayList<>();
        Element html = page.selectFirst("html");
        if (html != null && !html.attr("lang").isEmpty()) {
            lines.add("<html lang=\"" + attribute(html.attr("lang")) + "\">");
        }
        lines.addAll(head.titles);
        lines.addAll(head.metas);
        lines.addAll(head.links);
        List<String> types =
                Stream.concat(head.scriptTypes.stream(), head.itemTypes.stream())
                        .limit(MAX_TYPES)
                        .toList();
        if (!types.isEmpty()) {
            lines.add(
                    "<meta name=\"structured-data\" content=\""
                            + attribute(String.join(", ", types))
                            + "\">");
        }
        return lines;
    }

    @Override
    public FilterResult head(Node node, int depth) {
        CutOff.check();
        if (!(node instanceof Element element)) {
            return FilterResult.CONTINUE;
        }
        switch (element.normalName()) {
            case "svg" -> {
                return FilterResult.SKIP_ENTIRELY;
            }
            case "template" -> {
                if (!FlatTree.isShadowRoot(element)) {
                    return FilterResult.SKIP_ENTIRELY;
                }
                shadows++;
            }
            case "script" -> addTypes(element);
            case "title" -> ofThePage(element).ifPresent(this::addTitle);
            case "meta" -> ofThePage(element).ifPresent(this::addMeta);
            case "link" -> ofThePage(element).ifPresent(this::addLink);
            default -> {}
        }
        if (element.hasAttr("itemtype") && itemTypes.size() < MAX_TYPES) {
            itemTypes.add(element.attr("itemtype"));
        }
        return FilterResult.CONTINUE;
    }

    @Override
    public FilterResult tail(Node node, int depth) {
        if (node instanceof Element element && FlatTree.isShadowRoot(element)) {
            shadows--;
        }
        return FilterResult.CONTINUE;
    }

    private Optional<Element> ofThePage(Element element) {
        return shadows == 0 ? Optional.of(element) : Optional.empty();
    }

    private void addTitle(Element title) {
        titles.add("<title>" + Markup.text(title.text().strip()) + "</title>");
    }

    private void addMeta(Element meta) {
        String name =
                Stream.of("name", "property", "http-equiv")
                        .map(key -> meta.attr(key).strip().toLowerCase(Locale.ROOT))
                        .filter(METAS::contains)
                        .findFirst()
                        .orElse("");
        if (!name.isEmpty()) {
            metas.add(
                    "<meta name=\""
                            + name
                            + "\" content=\""
                            + attribute(meta.attr("content"), MAX_META)
                            + "\">");
        }
    }

    private void addLink(Element link) {
        Optional<String> known = tokens(link.attr("rel")).filter(LINKS::contains).findFirst();
        if (known.isPresent()) {
            String language =
                    link.hasAttr("hreflang")
                            ? " hreflang=\"" + attribute(link.attr("hreflang")) + "\""
                            : "";
            links.add(
                    "<link rel=\""
                            + known.get()
                            + "\""
                            + language
                            + " href=\""
                            + attribute(link.attr("href"))
                            + "\">");
        }
    }

    private void addTypes(Element script) {
        if (!script.attr("type").toLowerCase(Locale.ROOT).startsWith("application/ld+json")) {
            return;
        }
        Matcher type = STRUCTURED_TYPE.matcher(CutOff.checked(script.data()));
        while (scriptTypes.size() < MAX_TYPES && type.find()) {
            String one = type.group(1);
            scriptTypes.add(one != null ? one : type.group(2).replace("\"", ""));
        }
    }
}
