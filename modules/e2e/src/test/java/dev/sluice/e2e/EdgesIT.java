package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.spend.BudgetClient;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.OwnLimits;
import dev.sluice.contract.Priority;
import dev.sluice.contract.Topics;
import dev.sluice.contract.WhenOverBudget;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.devkit.TcpProxy;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Extreme inputs and situations, one after the other, beside a steady load of other requests: pages
 * of a megabyte, a provider that hangs for one model, thousands of waiting requests released at
 * once, foreign records on every topic, and, in the long form of {@code make drill}, changed system
 * clocks.
 */
@Tag("measures-time")
@EnabledIfSystemProperty(
        named = "edges.waiting",
        matches = "\\d+",
        disabledReason = "`make drill` runs it")
class EdgesIT {
    private static final int WAITING = Integer.getInteger("edges.waiting", 20_000);
    private static final int PAGES = Integer.getInteger("edges.pages", 40);
    private static final Duration PHASE =
            Duration.ofSeconds(Integer.getInteger("edges.seconds", 20));

    /** Below this, a p99 depends on the shared machine more than on Sluice. */
    private static final long NOISE = Long.getLong("edges.noise", 500);

    /** The model that the disturbances request. */
    private static final int CALLS_PER_MINUTE = 4_800;

    private static final SimulatorSettings PROVIDER =
            SimulatorSettings.defaults()
                    .withLatency(Duration.ofMillis(200), Duration.ofMillis(200));

    @TempDir private Path folder;

    private final Set<String> published = new HashSet<>();
    private final List<String> phases = new ArrayList<>();

    private interface Disturbance {
        void begin() throws Exception;
    }

    @Test
    void extremeInputLosesNoRequestAndHoldsUpNoOtherUser() throws Exception {
        Path analyses = Triage.folderIn(folder);
        Optional<SetClock> clock = clock();
        Map<String, String> settings =
                new HashMap<>(clock.map(SetClock::variables).orElse(Map.of()));
        settings.put("SLUICE_ANALYSES_DIR", analyses.toString());
        settings.put("SLUICE_BUDGETS_DAILY_USD", "1000000");
        settings.put("SLUICE_RATES_REQUESTS_PER_HOUR", "10000000");
        settings.put("SLUICE_ADMISSION_MAX_WAITING", String.valueOf(2 * WAITING));
        // The provider shares this machine: without a limit, the released requests would use all of
        // its CPU.
        settings.put(
                "SLUICE_MODELS__GPT_4_1_MINI__DEPLOYMENTS_0__REQUESTS_PER_MINUTE",
                String.valueOf(CALLS_PER_MINUTE));
        try (Network network = Network.faulty();
                Pipeline pipeline =
                        new Pipeline(
                                PROVIDER,
                                folder,
                                AnalysisCatalog.load(Optional.of(analyses)),
                                network);
                JavaProcess admission = pipeline.startProcess("admission", "admission", settings);
                JavaProcess worker = pipeline.startWorkerProcess("0", settings);
                BudgetClient budgets =
                        new BudgetClient(pipeline.connection, InstantSource.system());
                SteadyLoad load = new SteadyLoad(pipeline)) {
            budgets.set("crawl", OwnLimits.newBuilder().setRequestsPerHour(1).build());
            load.send("warm-", Duration.ofSeconds(10));
            for (int i = 0; i < WAITING; i++) {
                publish(pipeline, waiting(i));
            }
            load.send("settled-", Duration.ofSeconds(5));

            during(load, "calm-", () -> {});
            phases.add("large-pages-");
            load.send("large-pages-", PHASE, number -> uploadPage(pipeline, number));
            TcpProxy provider = network.proxies().provider();
            during(
                    load,
                    "hanging-model-",
                    () -> {
                        provider.silence(true);
                        for (int i = 0; i < 20; i++) {
                            publish(pipeline, of("waiter", "hangs" + i, Pipeline.page(i)));
                        }
                    });
            provider.cut();
            provider.silence(false);
            during(
                    load,
                    "released-",
                    () ->
                            budgets.set(
                                    "crawl",
                                    OwnLimits.newBuilder().setRequestsPerHour(10_000_000).build()));
            during(load, "foreign-records-", () -> writeForeignRecords(pipeline));
            if (clock.isEmpty()) {
                requireNothingLost(pipeline, load, admission, worker);
                return;
            }
            during(load, "clock-ahead-", () -> clock.get().set(Duration.ofHours(1)));
            // The timers of Kafka's clients do not run until the clock is where it was before.
            clock.get().set(Duration.ofHours(-1));
            admission.kill();
            worker.kill();
            try (JavaProcess newAdmission =
                            pipeline.startProcess("admission", "admission", settings);
                    JavaProcess newWorker = pipeline.startWorkerProcess("0", settings)) {
                load.send("clock-behind-", PHASE);
                requireNothingLost(pipeline, load, newAdmission, newWorker);
            }
        }
    }

    private void requireNothingLost(
            Pipeline pipeline, SteadyLoad load, JavaProcess admission, JavaProcess worker)
            throws InterruptedException {
        report(load);
        requireOneOutcomeEach(pipeline, load);
        int _ = worker.stop();
        assertThat(admission.isAlive()).isTrue();
        List<Read> calls = pipeline.committed.calls();
        BillComparison comparison =
                BillComparison.compare(pipeline.simulator.chargedCalls(), calls);
        assertThat(comparison.problems()).isEmpty();
        assertThat(BillComparison.compareLedger(pipeline.committed, calls)).isEmpty();
        long calm = load.percentile("calm-", 99);
        for (String phase : phases) {
            assertThat(load.percentile(phase, 99))
                    .as(phase)
                    .isLessThan(Math.max(NOISE, calm * 3 / 2));
        }
    }

    /** A clock that the test can set, if it is requested and libfaketime is installed. */
    private Optional<SetClock> clock() throws IOException {
        if (!Boolean.getBoolean("edges.clock")) {
            return Optional.empty();
        }
        Optional<SetClock> clock = SetClock.in(folder);
        if (clock.isEmpty()) {
            System.out.println("SKIPPED: clocks that are set, for want of libfaketime (faketime)");
        }
        return clock;
    }

    private void during(SteadyLoad load, String phase, Disturbance disturbance) throws Exception {
        disturbance.begin();
        phases.add(phase);
        load.send(phase, PHASE);
    }

    /**
     * Uploads a page beside every second request until all pages are published: ten megabytes per
     * second.
     */
    private void uploadPage(Pipeline pipeline, int number) {
        if (number % 2 == 0 && number / 2 < PAGES) {
            publish(pipeline, of("uploader", "large" + number, largePage(number)));
        }
    }

    private void report(SteadyLoad load) {
        phases.forEach(phase ->
                System.out.printf(
                        "others during %s p50 %d ms, p99 %d ms%n",
                        phase, load.percentile(phase, 50), load.percentile(phase, 99)));
    }

    private void publish(Pipeline pipeline, AnalysisRequest request) {
        published.add(request.getRequestId().toString());
        pipeline.publish(request);
    }

    private void requireOneOutcomeEach(Pipeline pipeline, SteadyLoad load)
            throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(10);
        Map<String, Long> counts = counts(pipeline);
        while (counts.size() < published.size() + load.published() && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(500);
            counts = counts(pipeline);
        }
        assertThat(counts.keySet()).containsAll(published);
        assertThat(counts.values()).containsOnly(1L);
        assertThat(counts).hasSize(published.size() + load.published());
    }

    /** Outcomes of the requests that this test has published. */
    private Map<String, Long> counts(Pipeline pipeline) {
        return pipeline.committed.outcomes().stream()
                .map(Read::key)
                .filter(key -> published.contains(key) || phase(key).isPresent())
                .collect(Collectors.groupingBy(key -> key, Collectors.counting()));
    }

    private Optional<String> phase(String key) {
        return Stream.concat(phases.stream(), Stream.of("warm-", "settled-", "clock-behind-"))
                .filter(key::startsWith)
                .findFirst();
    }

    private static AnalysisRequest of(String user, String id, String content) {
        AnalysisRequest request = Pipeline.request(id, content);
        request.setUserId(user);
        return request;
    }

    private static AnalysisRequest waiting(int number) {
        AnalysisRequest request = of("crawl", "waits" + number, Pipeline.page(number));
        request.setPriority(Priority.BULK);
        request.setWhenOverBudget(WhenOverBudget.WAIT);
        return request;
    }

    /** A megabyte of small elements. */
    private static String largePage(int number) {
        String row = "<tr><td>Row of page " + number + "</td><td><a href=/x>more</a></td></tr>\n";
        return Pipeline.page(number)
                .replace(
                        "</body>",
                        "<table>" + row.repeat(1_000_000 / row.length()) + "</table></body>");
    }

    /**
     * Writes to each topic: an empty record, random bytes, an unknown schema, a megabyte, and
     * extreme amounts of money.
     */
    private static void writeForeignRecords(Pipeline pipeline) throws Exception {
        Topics topics = pipeline.connection.topics();
        Random random = new Random(11);
        byte[] noise = new byte[200];
        random.nextBytes(noise);
        byte[] large = new byte[1_000_000];
        byte[] unknown = ByteBuffer.allocate(40).put((byte) 0).putInt(Integer.MAX_VALUE).array();
        byte[] key = "foreign\u0000\ud83d\udca5".getBytes(StandardCharsets.UTF_8);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        pipeline.connection.producer(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (String topic :
                    List.of(
                            topics.requests(),
                            topics.jobs(Pipeline.MODEL),
                            topics.bulkJobs(Pipeline.MODEL),
                            topics.jobs(Triage.MODEL),
                            topics.budgets(),
                            topics.settlements(),
                            topics.totals(),
                            topics.repartitionedRequests())) {
                for (byte[] value : new byte[][] {null, new byte[0], noise, unknown, large}) {
                    for (byte[] name : new byte[][] {null, key, noise}) {
                        if (name != null || !isCompacted(topics, topic)) {
                            producer.send(new ProducerRecord<>(topic, name, value)).get();
                        }
                    }
                }
            }
        }
        try (BudgetClient budgets = new BudgetClient(pipeline.connection, InstantSource.system())) {
            budgets.set(
                    "extreme",
                    OwnLimits.newBuilder()
                            .setDailyUsd(new BigDecimal("999999999.999999999"))
                            .setRequestsPerHour(Integer.MAX_VALUE)
                            .build());
        }
    }

    private static boolean isCompacted(Topics topics, String topic) {
        return Set.of(topics.budgets(), topics.totals()).contains(topic);
    }
}
