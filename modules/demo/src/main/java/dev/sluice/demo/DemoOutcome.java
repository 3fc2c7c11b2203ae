package dev.sluice.demo;

import java.math.BigDecimal;
import org.apache.avro.generic.GenericRecord;

/**
 * The outcome of one page.
 *
 * @param page file name of the page
 * @param record the result or dead letter as it was read from its topic
 * @param milliseconds from publishing the request to reading the outcome
 */
record DemoOutcome(String page, boolean isResult, GenericRecord record, long milliseconds) {
    String reason() {
        return isResult ? "" : record.get("reason").toString();
    }

    BigDecimal cost() {
        return ((BigDecimal) record.get("costUsd"));
    }

    long inputTokens() {
        return (long) ((GenericRecord) record.get("usage")).get("inputTokens");
    }

    long outputTokens() {
        return (long) ((GenericRecord) record.get("usage")).get("outputTokens");
    }
}
