package dev.sluice.demo;

import dev.sluice.admission.AdmissionSettings;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.app.service.Service;
import dev.sluice.simulator.SimulatorSettings;
import dev.sluice.worker.WorkerSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** All parts of the demo in this process: the sandbox and the service. */
final class DemoStack implements AutoCloseable {
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Sandbox sandbox;
    private final Service service;

    private DemoStack(Optional<SimulatorSettings> simulation)
            throws IOException, InterruptedException {
        try {
            this.sandbox = opened(Sandbox.start(simulation));
            Path state = Files.createTempDirectory("sluice-demo-");
            parts.push(() -> delete(state));
            this.service = opened(Service.start(plan(state)));
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * Starts all parts.
     *
     * @param simulation how the simulator answers; empty if the real providers are called
     */
    static DemoStack start(Optional<SimulatorSettings> simulation)
            throws IOException, InterruptedException {
        return new DemoStack(simulation);
    }

    Sandbox sandbox() {
        return sandbox;
    }

    URI httpUrl() {
        return service.httpAddress();
    }

    /** Waits until every part is ready, so that the first page is as fast as the last. */
    void awaitReady(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!service.health().notReady().isEmpty() && System.nanoTime() < end) {
            Thread.sleep(Duration.ofMillis(20));
        }
    }

    /** The problems of parts that cannot continue. */
    Map<String, String> broken() {
        return service.health().notLive();
    }

    @Override
    public synchronized void close() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                System.err.println("a part of the demo did not close cleanly: " + e);
            }
        }
    }

    private ServicePlan plan(Path state) {
        return new ServicePlan(
                EnumSet.allOf(ServicePlan.Role.class),
                sandbox.connection(),
                sandbox.knowledge(),
                sandbox.models(),
                AdmissionSettings.defaults(
                                state,
                                Deployments.modelIds(
                                        sandbox.models(), sandbox.knowledge().prices()),
                                UserLimits.of(Budgets.ofEach(5)))
                        .withStandbys(0),
                WorkerSettings.defaults("demo-worker", sandbox.models().keySet())
                        .withGrace(Duration.ofSeconds(10)),
                HttpSettings.loopback(0));
    }

    private <T extends AutoCloseable> T opened(T part) {
        parts.push(part);
        return part;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
