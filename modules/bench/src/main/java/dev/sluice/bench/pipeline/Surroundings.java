package dev.sluice.bench.pipeline;

import dev.sluice.bench.measure.Parent;
import dev.sluice.devkit.EmbeddedKafka;
import dev.sluice.devkit.EmbeddedRegistry;
import java.util.concurrent.CountDownLatch;

/** Runs broker and schema registry in a process of their own. */
public final class Surroundings {
    private Surroundings() {}

    /** Prints their addresses. */
    public static void main(String[] arguments) throws InterruptedException {
        Parent.endWithIt();
        EmbeddedKafka kafka = EmbeddedKafka.start();
        EmbeddedRegistry registry = EmbeddedRegistry.start();
        System.out.println(kafka.bootstrapServers() + " " + registry.url());
        new CountDownLatch(1).await();
    }
}
