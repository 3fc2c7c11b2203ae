package dev.sluice.bench.pipeline;

import dev.sluice.devkit.EmbeddedKafka;
import dev.sluice.devkit.EmbeddedRegistry;
import java.util.concurrent.CountDownLatch;

/** Broker and registry, in a process of their own. */
public final class Surroundings {
    private Surroundings() {}

    /** Says their addresses. */
    public static void main(String[] arguments) throws InterruptedException {
        EmbeddedKafka kafka = EmbeddedKafka.start();
        EmbeddedRegistry registry = EmbeddedRegistry.start();
        System.out.println(kafka.bootstrapServers() + " " + registry.url());
        new CountDownLatch(1).await();
    }
}
