package dev.sluice.bench.page;

import java.util.List;
import java.util.Locale;

/**
 * A picture of figures as horizontal bars, as SVG.
 *
 * @param title what the figures are, with their unit
 */
record BarChart(String title, List<Bar> bars) {
    private static final int WIDTH = 760;
    private static final int MARGIN = 16;
    private static final int TITLE = 44;
    private static final int ROW = 44;
    private static final int BAR = 16;

    /** Room for the figure behind the longest bar. */
    private static final int FIGURE = 150;

    private static final String OURS = "#0969da";
    private static final String OTHERS = "#8c959f";

    BarChart {
        bars = List.copyOf(bars);
    }

    /**
     * A bar.
     *
     * @param text the figure as it is written behind the bar
     */
    record Bar(String label, double value, String text) {
        private String colour() {
            return label.contains("Sluice") ? OURS : OTHERS;
        }
    }

    String svg() {
        int height = TITLE + bars.size() * ROW + MARGIN;
        double longest = bars.stream().mapToDouble(Bar::value).max().orElse(1);
        StringBuilder svg = new StringBuilder();
        svg.append(
                """
                <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img"
                    font-family="system-ui, sans-serif" font-size="13" fill="#1f2328">
                <rect width="100%%" height="100%%" rx="6" fill="#ffffff"/>
                <text x="%d" y="28" font-size="15" font-weight="600">%s</text>
                """
                        .formatted(WIDTH, height, WIDTH, height, MARGIN, escaped(title)));
        int y = TITLE;
        for (Bar bar : bars) {
            double length = bar.value() / longest * (WIDTH - 2 * MARGIN - FIGURE);
            svg.append(
                    String.format(
                            Locale.ROOT,
                            """
                            <text x="%d" y="%d">%s</text>
                            <rect x="%d" y="%d" width="%.1f" height="%d" rx="2" fill="%s"/>
                            <text x="%.1f" y="%d">%s</text>
                            """,
                            MARGIN,
                            y + 13,
                            escaped(bar.label()),
                            MARGIN,
                            y + 19,
                            length,
                            BAR,
                            bar.colour(),
                            MARGIN + length + 6,
                            y + 32,
                            escaped(bar.text())));
            y += ROW;
        }
        return svg.append("</svg>\n").toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
