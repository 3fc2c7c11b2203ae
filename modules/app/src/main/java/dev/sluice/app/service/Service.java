package dev.sluice.app.service;

import dev.sluice.admission.Admission;
import dev.sluice.analysis.Analyst;
import dev.sluice.analysis.compute.ComputePool;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.config.InvalidConfigException;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.app.console.Console;
import dev.sluice.app.console.ConsoleHistory;
import dev.sluice.app.console.ConsoleState;
import dev.sluice.app.http.HttpEndpoints;
import dev.sluice.app.http.SpendPage;
import dev.sluice.app.operate.KafkaLetterOperations;
import dev.sluice.app.operate.LetterOperations;
import dev.sluice.app.spend.SpendView;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.health.Health;
import dev.sluice.runtime.job.JobReader;
import dev.sluice.runtime.kafka.Dependencies;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.metrics.Metric;
import dev.sluice.runtime.metrics.SluiceMetrics;
import dev.sluice.runtime.outcome.OutcomeWriter;
import dev.sluice.runtime.telemetry.Telemetry;
import dev.sluice.runtime.trace.RequestTraces;
import dev.sluice.worker.Worker;
import dev.sluice.worker.journal.Journal;
import dev.sluice.worker.process.JobRunner;
import dev.sluice.worker.process.StoredAnswers;
import dev.sluice.worker.trace.WaitSpans;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.apache.kafka.common.errors.SerializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service: its parts, started in order and closed in reverse order. It may be closed by another
 * thread while it starts.
 */
public final class Service implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Service.class);

    /** How long a part that is just starting may go on after the service was closed. */
    private static final Duration STARTING = Duration.ofSeconds(10);

    private final ServicePlan plan;
    private final RequestTraces traces;
    private final Deque<AutoCloseable> parts = new ConcurrentLinkedDeque<>();
    private final Health health = new Health();

    /** Free unless the service is starting. */
    private final Semaphore starting = new Semaphore(1);

    private volatile Optional<HttpEndpoints> http = Optional.empty();
    private volatile boolean complete;
    private volatile boolean closing;

    /** A service that has not started yet. */
    public Service(ServicePlan plan, RequestTraces traces) {
        this.plan = plan;
        this.traces = traces;
        health.ready("service", () -> complete ? Optional.empty() : Optional.of("is starting"));
    }

    /**
     * Starts all parts of the plan.
     *
     * @throws CancellationException if the service is closed meanwhile
     */
    public void start() {
        starting.acquireUninterruptibly();
        try {
            HttpEndpoints endpoints = started();
            http = Optional.of(endpoints);
            complete = true;
            log.atInfo()
                    .addKeyValue("roles", plan.roles())
                    .addKeyValue("address", endpoints.address())
                    .log("service started");
        } catch (RuntimeException | Error e) {
            if (!closing) {
                // The parts that have started would hold their partitions until the session times
                // out.
                closeParts();
            }
            throw e;
        } finally {
            starting.release();
        }
    }

    private HttpEndpoints started() {
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        meters.config().meterFilter(new KafkaMeterFilter());
        JvmGcMetrics garbage = opened(new JvmGcMetrics());
        garbage.bindTo(meters);
        new JvmMemoryMetrics().bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        new ProcessorMetrics().bindTo(meters);
        new UptimeMetrics().bindTo(meters);
        SluiceMetrics metrics = new SluiceMetrics(meters);
        Telemetry telemetry = Telemetry.of(metrics, traces);
        metrics.gauge(Metric.PRICES_AGE, () -> ageInDays(plan.knowledge().prices()));
        showThreads(metrics);
        CertificateExpiry expiry = new CertificateExpiry(metrics, InstantSource.system());
        plan.http().tls().ifPresent(files -> expiry.http(files.certificate()));
        expiry.kafka(plan.kafka().client());
        SpendView spends = opened(new SpendView(plan.kafka()));
        ZoneId zone = plan.admission().limits().budgets().zone();
        Console console =
                opened(
                        Console.start(
                                new ConsoleState(
                                        meters, health, plan.roles(), telemetry.deadLetters()),
                                new ConsoleHistory(meters)));
        LetterOperations letters = new KafkaLetterOperations(plan, InstantSource.system());
        HttpEndpoints pages =
                opened(
                        HttpEndpoints.start(
                                plan.http(),
                                meters,
                                health,
                                new SpendPage(spends, zone, InstantSource.system())::of,
                                console,
                                letters));
        // Closed before the endpoints, so that what is under way is answered.
        opened(letters);
        Dependencies dependencies = opened(Dependencies.watch(plan.kafka()));
        dependencies.addTo(health);
        dependencies.addTo(metrics);
        if (plan.roles().contains(ServicePlan.Role.ADMISSION)) {
            startAdmission(telemetry, dependencies);
        }
        if (plan.roles().contains(ServicePlan.Role.WORKER)) {
            startWorker(telemetry, dependencies);
        }
        return pages;
    }

    private static void showThreads(SluiceMetrics metrics) {
        VirtualThreadSchedulerMXBean threads =
                ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
        metrics.gauge(Metric.VIRTUAL_THREADS, threads::getMountedVirtualThreadCount, "running");
        metrics.gauge(Metric.VIRTUAL_THREADS, threads::getQueuedVirtualThreadCount, "queued");
    }

    /** Starts all parts of the plan. */
    public static Service start(ServicePlan plan) {
        return start(plan, RequestTraces.off());
    }

    /** Starts all parts of the plan, and makes spans of its requests. */
    public static Service start(ServicePlan plan, RequestTraces traces) {
        Service service = new Service(plan, traces);
        service.start();
        return service;
    }

    public Health health() {
        return health;
    }

    /** Base address of metrics and health. */
    public URI httpAddress() {
        return http.orElseThrow().address();
    }

    /**
     * Closes the parts that have started. If the service is starting, waits for the part that is
     * just starting, but not long: it may wait for brokers or a registry.
     */
    @Override
    public void close() {
        closing = true;
        if (complete) {
            log.atInfo().log("stopping: no new jobs start, running jobs may end");
        }
        boolean ended = false;
        try {
            ended = starting.tryAcquire(STARTING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            if (!ended) {
                log.atWarn()
                        .log(
                                "stopped during the start: if the part that was just starting has"
                                        + " partitions, the brokers free them after the session timeout");
            }
            closeParts();
        } finally {
            if (ended) {
                starting.release();
            }
        }
    }

    private void closeParts() {
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                log.atWarn().setCause(e).log("a part of the service did not close cleanly");
            }
        }
    }

    private void startAdmission(Telemetry telemetry, Dependencies dependencies) {
        var _ =
                opened(
                        Admission.start(
                                plan.kafka(),
                                plan.admission(),
                                plan.knowledge().analyses(),
                                plan.knowledge().prices(),
                                telemetry,
                                health,
                                dependencies));
    }

    private void startWorker(Telemetry telemetry, Dependencies dependencies) {
        SluiceMetrics metrics = telemetry.metrics();
        SchemaRegistry registry = dependencies.registry();
        OutcomeWriter writer =
                new OutcomeWriter(
                        plan.kafka(),
                        plan.kafka().serializer(registry),
                        plan.knowledge().analyses(),
                        plan.worker().deadLetters(),
                        InstantSource.system());
        requireSchemas(writer);
        Models models =
                opened(new Models(plan.models(), new WaitSpans(metrics, InstantSource.system())));
        models.addTo(health);
        models.addTo(metrics);
        ComputePool pool = opened(ComputePool.start(plan.compute(), metrics));
        metrics.show(pool);
        Optional<Journal> journal =
                plan.worker().journal()
                        ? Optional.of(
                                opened(
                                        Journal.open(
                                                plan.kafka(),
                                                registry,
                                                plan.worker().transactionalId())))
                        : Optional.empty();
        JobRunner runner =
                new JobRunner(
                        new JobReader(plan.kafka(), registry),
                        plan.knowledge().analyses(),
                        definition -> new Analyst(definition, models.guarded(definition), pool),
                        writer,
                        journal,
                        opened(new StoredAnswers(plan.kafka(), registry)));
        goOn();
        WarmUp.run(plan.knowledge().analyses().versions(), models, plan.compute());
        goOn();
        var _ =
                opened(
                        Worker.start(
                                plan.kafka(),
                                plan.worker(),
                                new Worker.Work(runner, writer, journal, models::share),
                                telemetry,
                                health,
                                dependencies));
    }

    private static void requireSchemas(OutcomeWriter writer) {
        try {
            writer.requireSchemas();
        } catch (RuntimeException e) {
            if (RegistryOutage.is(e)) {
                log.atWarn()
                        .addKeyValue("reason", e.getMessage())
                        .log(
                                "cannot check with the schema registry whether results can be"
                                        + " written");
                return;
            }
            throw e instanceof SerializationException
                    ? new InvalidConfigException(List.of(String.valueOf(e.getMessage())))
                    : e;
        }
    }

    private static double ageInDays(PriceTable prices) {
        LocalDate today = LocalDate.ofInstant(InstantSource.system().instant(), ZoneOffset.UTC);
        return prices.latest()
                .map(latest -> (double) ChronoUnit.DAYS.between(latest, today))
                .orElse(Double.NaN);
    }

    private <T extends AutoCloseable> T opened(T part) {
        parts.push(part);
        goOn();
        return part;
    }

    /** Ends the start if the service is closed meanwhile. */
    private void goOn() {
        if (closing) {
            throw new CancellationException("closed during the start");
        }
    }
}
