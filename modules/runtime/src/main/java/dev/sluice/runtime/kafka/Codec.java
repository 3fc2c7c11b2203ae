package dev.sluice.runtime.kafka;

/**
 * How the brokers keep the records of a topic: its {@code compression.type}. Sluice's producers
 * write what others read without compression, so every client can read it whatever a topic says;
 * the topic alone decides how records are kept and handed to readers.
 */
public enum Codec {
    /** As they are. */
    NONE("uncompressed"),
    /** Known to every client. */
    GZIP("gzip"),
    /** Not known to kafkajs without a plugin. */
    SNAPPY("snappy"),
    /** Not known to kafkajs without a plugin; the fastest. */
    LZ4("lz4"),
    /** Not known to kafkajs without a plugin; the smallest. */
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
