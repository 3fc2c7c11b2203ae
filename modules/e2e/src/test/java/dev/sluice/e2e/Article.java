package dev.sluice.e2e;

import java.util.Random;

/**
 * Web pages of realistic size: about 30 KB, with more text than the model is shown. Each number
 * makes a different page, and the same number always the same page.
 */
final class Article {
    private static final String[] WORDS =
            ("the of and to a in is that for it as was with be by on not he this are or his from at"
                            + " which but have an had they you were their one all we can her has"
                            + " there been if more when will would who so no out up into do any"
                            + " stream partition broker offset consumer producer latency throughput"
                            + " commit rebalance snapshot replica leader follower segment retention"
                            + " compaction transaction idempotent deadline backlog quota budget")
                    .split(" ");
    private static final int SECTIONS = 12;
    private static final int PARAGRAPHS = 4;
    private static final int WORDS_A_PARAGRAPH = 90;

    private Article() {}

    static String number(int number) {
        Random random = new Random(number);
        StringBuilder page = new StringBuilder("<!doctype html><html lang=en><head><title>");
        words(page, random, 7).append("</title><meta name=description content=\"");
        words(page, random, 16).append("\"><style>body { font: 16px serif }</style>");
        page.append("<script>window.page = ").append(number).append("</script></head><body><nav>");
        for (int link = 0; link < 20; link++) {
            page.append("<a href=/").append(link).append('>');
            words(page, random, 2).append("</a> ");
        }
        page.append("</nav><h1>");
        words(page, random, 7).append("</h1>");
        for (int section = 0; section < SECTIONS; section++) {
            page.append("<h2>");
            words(page, random, 5).append("</h2><img src=/").append(section).append(".png>");
            for (int paragraph = 0; paragraph < PARAGRAPHS; paragraph++) {
                page.append("<p>");
                words(page, random, WORDS_A_PARAGRAPH).append(".</p>\n");
            }
        }
        return page.append("</body></html>").toString();
    }

    private static StringBuilder words(StringBuilder page, Random random, int count) {
        for (int i = 0; i < count; i++) {
            page.append(i == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
        }
        return page;
    }
}
