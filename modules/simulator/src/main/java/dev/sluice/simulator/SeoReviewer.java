package dev.sluice.simulator;

import java.util.ArrayList;
import java.util.List;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.select.Elements;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reviews a web page by rules, in place of a model. Its statements about the page are true. Like a
 * model, it sees only the prompt.
 */
final class SeoReviewer {
    private static final int MAX_TITLE = 500;
    private static final int MAX_ITEM = 300;

    private final List<Finding> findings = new ArrayList<>();

    private record Finding(int weight, String issue, String recommendation) {}

    private SeoReviewer() {}

    /** Whether the prompt asks for the fields of a review. */
    static boolean isAskedFor(String instructions) {
        return instructions.contains("- title_tag (")
                && instructions.contains("- recommendations (");
    }

    static ObjectNode review(String content) {
        return new SeoReviewer().reviewed(content);
    }

    private ObjectNode reviewed(String content) {
        Document page = Jsoup.parse(content);
        Element titleElement = page.selectFirst("title");
        String title = titleElement == null ? "" : first(titleElement.text().strip(), MAX_TITLE);
        boolean hasElements = content.contains("<");
        if (!hasElements && page.text().isBlank()) {
            find(9, "The content is empty.", "Publish the page's HTML.");
        } else {
            checkTitle(titleElement != null, title);
            checkDescription(page);
            checkHeadings(page);
            checkImages(page);
            checkHead(page);
            checkText(page);
        }
        findings.sort((a, b) -> Integer.compare(b.weight(), a.weight()));
        return written(title);
    }

    private void checkTitle(boolean present, String title) {
        int length = codePoints(title);
        if (!present || title.isEmpty()) {
            find(4, "The page has no title.", "Add a title element of 30 to 60 characters.");
        } else if (length < 15) {
            find(
                    2,
                    "The title is only " + length + " characters long.",
                    "Lengthen the title to 30 to 60 characters.");
        } else if (length > 60) {
            find(
                    2,
                    "The title is " + length + " characters long and will be cut off in results.",
                    "Shorten the title to 60 characters or fewer.");
        }
    }

    private void checkDescription(Document page) {
        Element meta = page.selectFirst("meta[name=description]");
        if (meta == null || meta.attr("content").isBlank()) {
            find(
                    3,
                    "The page has no meta description.",
                    "Add a description of 70 to 160 characters.");
            return;
        }
        int length = codePoints(meta.attr("content").strip());
        if (length < 50 || length > 160) {
            find(
                    1,
                    "The meta description is " + length + " characters long.",
                    "Bring the description to 70 to 160 characters.");
        }
    }

    private void checkHeadings(Document page) {
        Elements firstLevel = page.select("h1");
        if (firstLevel.isEmpty()) {
            find(3, "The page has no h1 heading.", "Give the page one h1 that names its topic.");
        } else if (firstLevel.size() > 1) {
            find(
                    1,
                    "The page has " + firstLevel.size() + " h1 headings.",
                    "Keep one h1 and turn the others into h2.");
        }
        int level = 0;
        for (Element heading : page.select("h1, h2, h3, h4, h5, h6")) {
            int next = heading.normalName().charAt(1) - '0';
            if (level > 0 && next > level + 1) {
                find(
                        1,
                        "Headings jump from h" + level + " to h" + next + ".",
                        "Nest headings without leaving levels out.");
                return;
            }
            level = next;
        }
    }

    private void checkImages(Document page) {
        Elements images = page.select("img");
        long withoutAlt = images.stream().filter(image -> !image.hasAttr("alt")).count();
        if (withoutAlt > 0) {
            find(
                    2,
                    withoutAlt + " of " + images.size() + " images have no alt attribute.",
                    "Describe each image in its alt attribute; leave it empty for decoration.");
        }
    }

    private void checkHead(Document page) {
        if (page.selectFirst("link[rel=canonical]") == null) {
            find(1, "The page names no canonical address.", "Add a canonical link.");
        }
        if (page.select("html[lang]").isEmpty()) {
            find(1, "The page does not declare its language.", "Add a lang attribute to html.");
        }
        Element robots = page.selectFirst("meta[name=robots]");
        if (robots != null
                && robots.attr("content").toLowerCase(java.util.Locale.ROOT).contains("noindex")) {
            find(
                    4,
                    "The page asks not to be indexed.",
                    "Remove noindex if the page is to be found.");
        }
    }

    private void checkText(Document page) {
        int words = page.body().text().isBlank() ? 0 : page.body().text().split("\\s+").length;
        if (words < 50) {
            find(2, "The page has only " + words + " words of text.", "Add substantial text.");
        }
        long nameless =
                page.select("a[href]").stream()
                        .filter(link -> link.text().isBlank() && link.select("img[alt]").isEmpty())
                        .count();
        if (nameless > 0) {
            find(
                    1,
                    nameless + (nameless == 1 ? " link has" : " links have") + " no text.",
                    "Give every link a text that says where it leads.");
        }
    }

    private void find(int weight, String issue, String recommendation) {
        findings.add(new Finding(weight, first(issue, MAX_ITEM), first(recommendation, MAX_ITEM)));
    }

    private ObjectNode written(String title) {
        ObjectNode review = JsonMapper.shared().createObjectNode();
        review.put("title_tag", title);
        review.put("title_length", codePoints(title));
        ArrayNode issues = review.putArray("issues");
        ArrayNode recommendations = review.putArray("recommendations");
        int weight = 0;
        for (Finding finding : findings) {
            issues.add(finding.issue());
            recommendations.add(finding.recommendation());
            weight += finding.weight();
        }
        review.put("priority_score", Math.clamp(1 + weight, 1, 10));
        review.put(
                "summary",
                findings.isEmpty()
                        ? "The page is in good technical order."
                        : findings.size()
                                + (findings.size() == 1 ? " problem" : " problems")
                                + " found; the most important: "
                                + findings.getFirst().issue());
        return review;
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }

    private static String first(String text, int count) {
        return codePoints(text) <= count
                ? text
                : text.substring(0, text.offsetByCodePoints(0, count));
    }
}
