package dev.sluice.runtime.kafka;

/**
 * The compression of a topic's records on the brokers: its {@code compression.type}. Sluice's
 * producers do not compress public records, so the topic alone decides how records are stored and
 * sent to readers, and every client can read an uncompressed topic.
 */
public enum Codec {
    /** No compression. */
    NONE("uncompressed"),
    /** Supported by every client. */
    GZIP("gzip"),
    /** Not supported by kafkajs without a plugin. */
    SNAPPY("snappy"),
    /** The fastest; not supported by kafkajs without a plugin. */
    LZ4("lz4"),
    /** The smallest records; not supported by kafkajs without a plugin. */
    ZSTD("zstd");

    private final String setting;

    Codec(String setting) {
        this.setting = setting;
    }

    /** The value of {@code compression.type}. */
    public String setting() {
        return setting;
    }
}
