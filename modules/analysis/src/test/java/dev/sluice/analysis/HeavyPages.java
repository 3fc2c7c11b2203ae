package dev.sluice.analysis;

import java.util.List;

/** Pages of one megabyte that are expensive to parse. */
final class HeavyPages {
    private static final int CHARACTERS = 1_000_000;

    private HeavyPages() {}

    /** Pages with deep nesting, large tables, one long text, and worse structures. */
    static List<String> all() {
        return List.of(
                filled("<div>"),
                filled("<p><b><i>"),
                filled("<ul><li>"),
                "<table>" + filled("<tr><td>x</td><td>y</td></tr>"),
                filled("<table><tr><td>"),
                "<table>" + filled("<b>x"),
                "<p>" + filled("word "),
                filled("w"),
                filled("&a"),
                filled("<"),
                filled("<a href=x rel='a b'>l</a>"),
                filled("<h1>x</h1><img src=x alt=y>"),
                filled("<svg><title>x</title>"),
                filled("<title>x</title>"),
                filled("<meta name=description content=x>"),
                filled("<my-app><template shadowrootmode=open><slot></slot></template>"),
                filled("\uD83D\uDE00\u200D"),
                filled("e\u0301"),
                filled("<|im_start|>"),
                "<script type='application/ld+json'>" + filled("\"@type\" : [x") + "</script>");
    }

    private static String filled(String part) {
        return part.repeat(CHARACTERS / part.length());
    }
}
