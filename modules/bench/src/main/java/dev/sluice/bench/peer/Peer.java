package dev.sluice.bench.peer;

import dev.sluice.bench.pipeline.Installation;

/**
 * A program that one would write without Sluice: it reads requests, calls the model, and writes the
 * answers, without validation, reservations, limits or accounting.
 */
public enum Peer {
    /** Parallel Consumer; answers and offsets in one transaction. */
    PARALLEL_CONSUMER("Parallel Consumer, transactional", "exactly once"),
    /** Parallel Consumer; offsets are committed after the answers. */
    PARALLEL_CONSUMER_AT_LEAST_ONCE("Parallel Consumer", "at least once"),
    /** Spring Kafka and Spring AI; a transaction for each batch, its records one by one. */
    SPRING("Spring Kafka and Spring AI, a transaction a batch", "exactly once"),
    /** Spring Kafka and Spring AI; a transaction for each batch, a virtual thread a record. */
    SPRING_VIRTUAL_THREADS(
            "Spring Kafka and Spring AI, a transaction a batch, a virtual thread a record",
            "exactly once"),
    /** A thread for each partition, which processes one record after the other. */
    PLAIN_LOOP("a plain loop with openai-java, a thread a partition", "at least once"),
    /** LangChain4j, a virtual thread a record; offsets are committed after the answers. */
    VIRTUAL_THREADS("LangChain4j, a virtual thread a record", "at least once"),
    /** Kafka's share consumer with LangChain4j, a virtual thread a record. */
    SHARE_CONSUMER(
            "Kafka's share consumer and LangChain4j, a virtual thread a record", "at least once");

    private final String label;
    private final String guarantee;

    Peer(String label, String guarantee) {
        this.label = label;
        this.guarantee = guarantee;
    }

    /** What it is made of, for a table. */
    public String label() {
        return label;
    }

    /** How often a request's answer can be written. */
    public String guarantee() {
        return guarantee;
    }

    /**
     * Starts the peer in this process.
     *
     * @param open calls that it may have in flight
     */
    void start(Installation installation, int open) throws Exception {
        PeerRecords records = new PeerRecords(installation);
        switch (this) {
            case PARALLEL_CONSUMER ->
                    ParallelConsumer.start(
                            records, ModelClient.bestFor(installation, open), open, true);
            case PARALLEL_CONSUMER_AT_LEAST_ONCE ->
                    ParallelConsumer.start(
                            records, ModelClient.bestFor(installation, open), open, false);
            case SPRING ->
                    SpringBatches.start(
                            records, ModelClient.springAi(installation, open), open, true);
            case SPRING_VIRTUAL_THREADS ->
                    SpringBatches.start(
                            records, ModelClient.springAi(installation, open), open, false);
            case PLAIN_LOOP -> PlainLoop.start(records, ModelClient.openAiJava(installation, open));
            case VIRTUAL_THREADS ->
                    VirtualThreads.start(records, ModelClient.langChain4j(installation), open);
            case SHARE_CONSUMER ->
                    ShareConsumer.start(records, ModelClient.langChain4j(installation), open);
        }
    }
}
