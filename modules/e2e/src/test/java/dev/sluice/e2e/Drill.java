package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.devkit.TcpProxy;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.common.protocol.ApiKeys;

/**
 * A drill with the failures of a year in minutes. Workers in processes of their own are killed,
 * stopped, started and cut off at random while requests arrive, and the broker crashes. At the end,
 * the recorded calls are compared with the provider's bill. The seed decides which failures happen,
 * but not their exact time.
 */
final class Drill implements AutoCloseable {
    private static final int MAX_WORKERS = 4;
    private static final SimulatorSettings PROVIDER =
            SimulatorSettings.defaults()
                    .withLatency(Duration.ofMillis(100), Duration.ofMillis(1_500));

    /** One of this many requests is published twice. */
    private static final int DUPLICATES = 10;

    /** One of this many requests may share its answer with others about the same few pages. */
    private static final int SHARING = 5;

    private static final int SHARED_PAGES = 20;

    /** One of this many kills is of admission. */
    private static final int ADMISSION_KILLS = 6;

    private static final String ADMISSION = "admission";

    private static final List<ApiKeys> COMMIT_STEPS =
            List.of(ApiKeys.END_TXN, ApiKeys.END_TXN, ApiKeys.TXN_OFFSET_COMMIT, ApiKeys.PRODUCE);

    private final Plan plan;
    private final Random random;
    private final Network network;
    private final Pipeline pipeline;
    private final Map<String, JavaProcess> workers = new HashMap<>();
    private final List<AnalysisRequest> recent = new ArrayList<>();
    private JavaProcess admission;
    private int published;
    private int repeated;
    private int slots;
    private int cutCommits;

    /**
     * The failures of a drill.
     *
     * @param kills SIGKILLs of workers, and fewer of one of the two admissions
     * @param stall how long one worker is paused (SIGSTOP)
     * @param brokerCrashes SIGKILLs of the broker
     * @param cuts disturbances of the network
     */
    record Plan(long seed, int kills, Duration stall, int brokerCrashes, int cuts) {}

    /**
     * The result of a drill.
     *
     * @param repeated requests that were published twice
     * @param shared results that another request has paid for
     * @param deadLetters dead letters by reason
     * @param cutCommits how often a connection was cut in the middle of a commit
     */
    record Report(
            int requests,
            int repeated,
            int outcomes,
            long shared,
            Map<String, Long> deadLetters,
            int lostCalls,
            int unconfirmed,
            int calls,
            int cutCommits,
            List<String> problems) {}

    Drill(Plan plan, Path folder) throws Exception {
        this.plan = plan;
        this.random = new Random(plan.seed());
        this.network = Network.faulty();
        this.pipeline =
                new Pipeline(PROVIDER, folder, AnalysisCatalog.load(Optional.empty()), network);
        this.admission = startAdmission();
    }

    Report run() throws Exception {
        pipeline.start(EnumSet.of(Role.ADMISSION));
        startWorker();
        startWorker();
        publish(100);
        List<Runnable> disasters = new ArrayList<>();
        repeat(plan.kills(), disasters, this::kill);
        repeat(1 + plan.kills() / ADMISSION_KILLS, disasters, this::killAdmission);
        repeat(plan.brokerCrashes(), disasters, this::crashBroker);
        repeat(plan.cuts(), disasters, this::disturbNetwork);
        repeat(plan.stall().isPositive() ? 1 : 0, disasters, this::stall);
        Collections.shuffle(disasters, random);
        for (Runnable disaster : disasters) {
            publish(20 + random.nextInt(60));
            TimeUnit.MILLISECONDS.sleep(random.nextInt(3_000));
            disaster.run();
            while (workers.size() < 1 + random.nextInt(MAX_WORKERS)) {
                startWorker();
            }
        }
        return report();
    }

    private Report report() throws Exception {
        List<Read> outcomes = pipeline.committed.awaitOutcomes(published, PATIENCE);
        for (JavaProcess worker : workers.values()) {
            worker.stop();
        }
        outcomes = pipeline.committed.outcomes();
        List<Read> calls = pipeline.committed.calls();
        BillComparison comparison =
                BillComparison.compare(pipeline.simulator.chargedCalls(), calls);
        List<String> problems = new ArrayList<>(comparison.problems());
        Map<String, Long> counts =
                outcomes.stream().collect(Collectors.groupingBy(Read::key, Collectors.counting()));
        for (int i = 0; i < published; i++) {
            long count = counts.getOrDefault("r" + i, 0L);
            if (count != 1) {
                problems.add("r" + i + " has " + count + " outcomes");
            }
        }
        BillComparison.compareLedger(pipeline.committed, calls).ifPresent(problems::add);
        return new Report(
                published,
                repeated,
                outcomes.size(),
                outcomes.stream()
                        .filter(Read::isResult)
                        .filter(read -> read.value().get("paidBy") != null)
                        .count(),
                outcomes.stream()
                        .filter(read -> !read.isResult())
                        .collect(
                                Collectors.groupingBy(
                                        read -> read.text("reason"), Collectors.counting())),
                comparison.lost(),
                comparison.unconfirmed(),
                calls.size(),
                cutCommits,
                problems);
    }

    @Override
    public void close() {
        workers.values().forEach(JavaProcess::close);
        admission.close();
        pipeline.close();
        network.close();
    }

    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            boolean shares = random.nextInt(SHARING) == 0;
            int page = shares ? random.nextInt(SHARED_PAGES) : published;
            AnalysisRequest request = Pipeline.request("r" + published, Pipeline.page(page));
            request.setCache(shares ? CacheUse.ALLOW : CacheUse.BYPASS);
            pipeline.publish(request);
            published++;
            recent.add(request);
            if (random.nextInt(DUPLICATES) == 0) {
                pipeline.publish(recent.get(random.nextInt(recent.size())));
                repeated++;
            }
        }
    }

    private JavaProcess startAdmission() throws IOException {
        return pipeline.startProcess(
                ADMISSION,
                ADMISSION,
                Map.of(
                        "SLUICE_BUDGETS_DAILY_USD",
                        "1000000",
                        "SLUICE_RATES_REQUESTS_PER_HOUR",
                        "1000000"));
    }

    private void killAdmission() {
        say("kill -9 admission");
        unchecked(() -> {
            admission.kill();
            admission = startAdmission();
        });
    }

    private void startWorker() throws IOException {
        String slot = String.valueOf(slots++ % MAX_WORKERS);
        if (!workers.containsKey(slot)) {
            workers.put(slot, pipeline.startWorkerProcess(slot));
        }
    }

    private void kill() {
        anyWorker()
                .ifPresent(slot -> {
                    say("kill -9 worker " + slot);
                    unchecked(() -> {
                        JavaProcess doomed = workers.get(slot);
                        doomed.kill();
                        workers.remove(slot);
                        if (random.nextBoolean()) {
                            workers.put(slot, pipeline.startWorkerProcess(slot));
                        }
                    });
                });
    }

    private void stall() {
        anyWorker()
                .ifPresent(slot -> {
                    say("stop worker " + slot + " for " + plan.stall());
                    unchecked(() -> {
                        JavaProcess stalled = workers.get(slot);
                        stalled.pause();
                        publish(50);
                        TimeUnit.NANOSECONDS.sleep(plan.stall().toNanos());
                        stalled.resume();
                    });
                });
    }

    private void crashBroker() {
        say("crash the broker");
        unchecked(() -> network.kafka().crashAndRestart());
    }

    private void disturbNetwork() {
        List<TcpProxy> all = network.proxies().all();
        TcpProxy proxy = all.get(random.nextInt(all.size()));
        int kind = random.nextInt(4);
        say("network " + all.indexOf(proxy) + ": disturbance " + kind);
        unchecked(() -> {
            switch (kind) {
                case 0 -> {
                    for (int i = 0; i < 10; i++) {
                        proxy.cut();
                        TimeUnit.MILLISECONDS.sleep(random.nextInt(200));
                    }
                }
                case 1 -> {
                    proxy.delay(Duration.ofMillis(100 + random.nextInt(400)));
                    TimeUnit.SECONDS.sleep(3);
                    proxy.delay(Duration.ZERO);
                }
                case 2 -> cutAtCommits();
                default -> {
                    proxy.silence(true);
                    TimeUnit.SECONDS.sleep(3 + random.nextInt(5));
                    proxy.cut();
                    proxy.silence(false);
                }
            }
        });
    }

    /** Cuts the connection right before or after a request that every transaction needs. */
    private void cutAtCommits() throws InterruptedException {
        TcpProxy broker = network.proxies().broker();
        for (int i = 0; i < 5; i++) {
            publish(5);
            CountDownLatch cut = new CountDownLatch(1);
            broker.trap(
                    Network.request(COMMIT_STEPS.get(random.nextInt(COMMIT_STEPS.size()))),
                    random.nextBoolean(),
                    cut::countDown);
            if (cut.await(5, TimeUnit.SECONDS)) {
                cutCommits++;
            }
        }
        broker.disarm();
    }

    private Optional<String> anyWorker() {
        List<String> slots = workers.keySet().stream().sorted().toList();
        return slots.isEmpty()
                ? Optional.empty()
                : Optional.of(slots.get(random.nextInt(slots.size())));
    }

    private static void repeat(int times, List<Runnable> list, Runnable disaster) {
        for (int i = 0; i < times; i++) {
            list.add(disaster);
        }
    }

    private static void say(String what) {
        System.out.println("drill: " + what);
    }

    private interface Step {
        void run() throws Exception;
    }

    private static void unchecked(Step step) {
        try {
            step.run();
        } catch (Exception e) {
            throw new IllegalStateException("the drill itself failed", e);
        }
    }
}
