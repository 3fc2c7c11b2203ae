package dev.sluice.app.service;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.util.regex.Pattern;

/**
 * Keeps the metrics of Kafka's clients that operators need. All of them are 2,000 time series of
 * one process, most of them for each partition or broker.
 */
final class KafkaMeterFilter implements MeterFilter {
    private static final Pattern KEPT =
            Pattern.compile(
                    "kafka\\.(consumer\\.(fetch\\.manager\\.(records\\.lag|fetch\\.latency\\.avg|"
                            + "records\\.consumed\\.total)"
                            + "|coordinator\\.(assigned\\.partitions|rebalance\\.total|"
                            + "failed\\.rebalance\\.total|rebalance\\.latency\\.max|"
                            + "last\\.heartbeat\\.seconds\\.ago))"
                            + "|producer\\.(record\\.(send|error|retry)\\.total|"
                            + "request\\.latency\\.avg|buffer\\.available\\.bytes|"
                            + "txn\\.(commit|abort)\\.time\\.ns\\.total)"
                            + "|stream\\.(client\\.state|alive\\.stream\\.threads|"
                            + "failed\\.stream\\.threads\\.total"
                            + "|thread\\.(commit|poll|process|punctuate)\\.(total|latency\\.avg)"
                            + "|task\\.(dropped\\.records|restore|process)\\.total"
                            + "|task\\.restore\\.remaining\\.records\\.total))");

    @Override
    public MeterFilterReply accept(Meter.Id id) {
        return !id.getName().startsWith("kafka.") || isKept(id)
                ? MeterFilterReply.NEUTRAL
                : MeterFilterReply.DENY;
    }

    private static boolean isKept(Meter.Id id) {
        String topic = id.getTag("topic");
        // Kafka shows each topic twice, once with underscores instead of dots. All topics of Sluice
        // have a dot.
        boolean isDouble = topic != null && !topic.contains(".");
        return KEPT.matcher(id.getName()).matches() && id.getTag("node.id") == null && !isDouble;
    }
}
