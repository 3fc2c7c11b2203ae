package dev.sluice.e2e;

import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Spans as an indented text: when each began, how long it took, and what it was. */
final class SpanTree {
    private final List<SpanData> spans;
    private final long start;
    private final StringBuilder text = new StringBuilder();

    private SpanTree(List<SpanData> spans) {
        this.spans =
                spans.stream()
                        .sorted(Comparator.comparingLong(SpanData::getStartEpochNanos))
                        .toList();
        this.start = this.spans.getFirst().getStartEpochNanos();
    }

    static String of(List<SpanData> spans) {
        SpanTree tree = new SpanTree(spans);
        tree.spans.stream()
                .filter(span -> tree.spans.stream().noneMatch(other -> isChild(span, other)))
                .forEach(span -> tree.add(span, 0));
        return tree.text.toString();
    }

    private void add(SpanData span, int depth) {
        text.append(
                "%6d ms %6d ms  %s%s %s%n"
                        .formatted(
                                millis(span.getStartEpochNanos() - start),
                                millis(span.getEndEpochNanos() - span.getStartEpochNanos()),
                                "  ".repeat(depth),
                                span.getName(),
                                attributes(span)));
        spans.stream()
                .filter(child -> isChild(child, span))
                .forEach(child -> add(child, depth + 1));
    }

    private static boolean isChild(SpanData child, SpanData parent) {
        return child.getParentSpanId().equals(parent.getSpanId());
    }

    private static String attributes(SpanData span) {
        return String.join(
                " ",
                span.getAttributes().asMap().entrySet().stream()
                        .filter(entry -> !entry.getKey().getKey().endsWith(".id"))
                        .map(entry -> entry.getKey().getKey() + "=" + entry.getValue())
                        .sorted()
                        .toList());
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
