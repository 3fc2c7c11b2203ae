package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.price.Cost;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.service.Service;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.SimulatorSettings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Alerts fire in a live Prometheus while their cause lasts, and end when it is gone. */
@Execution(ExecutionMode.CONCURRENT)
class LiveAlertsIT {
    private static final int PER_SECOND = 10;

    @TempDir private Path folder;

    private final ScheduledExecutorService load = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger published = new AtomicInteger();
    private LivePrometheus prometheus;
    private Pipeline pipeline;

    @BeforeEach
    void start() throws Exception {
        prometheus = LivePrometheus.start(folder);
        pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
    }

    @AfterEach
    void stop() {
        load.close();
        if (pipeline != null) {
            pipeline.close();
        }
        if (prometheus != null) {
            prometheus.close();
        }
    }

    @Test
    void providerThatFailsAndRecovers() {
        serve(EnumSet.allOf(Role.class));
        publish();

        faults("status-503=1");
        awaitFiring("SluiceBreakerOpen", "SluiceModelTakesNoCalls", "SluiceNoOutcomes");

        faults("");
        awaitEnd("SluiceBreakerOpen", "SluiceModelTakesNoCalls", "SluiceNoOutcomes");
    }

    @Test
    void keyThatTheProviderRefusesUntilItIsReplaced() {
        Service service = serve(EnumSet.allOf(Role.class));
        publish();

        faults("key-401=1");
        awaitFiring("SluiceDeploymentPaused");

        faults("");
        service.close();
        serve(EnumSet.allOf(Role.class));
        awaitEnd("SluiceDeploymentPaused");
    }

    @Test
    void answersThatAreMalformed() {
        serve(EnumSet.allOf(Role.class));
        publish();

        faults("malformed=1");
        awaitFiring("SluiceJobsFail");

        faults("");
        awaitEnd("SluiceJobsFail");
    }

    @Test
    void topicThatTheBrokersRefuse() throws Exception {
        serve(EnumSet.allOf(Role.class));
        publish();
        String results = pipeline.connection.topics().results("seo");
        await().atMost(PATIENCE).until(() -> !pipeline.committed.read(results).isEmpty());
        try (Admin admin = Admin.create(pipeline.connection.client())) {
            admin.deleteTopics(List.of(results)).all().get();
            awaitFiring("SluiceOutcomesRejected");

            admin.createTopics(Set.of(new NewTopic(results, 4, (short) 1))).all().get();
            awaitEnd("SluiceOutcomesRejected");
        }
    }

    @Test
    void jobsWithoutAWorkerUntilOneStarts() {
        Service admission = serve(EnumSet.of(Role.ADMISSION));
        publish();
        awaitFiring("SluiceNoOutcomes");

        Service worker = pipeline.start(EnumSet.of(Role.WORKER));
        prometheus.scrape(admission.httpAddress(), worker.httpAddress());
        awaitEnd("SluiceNoOutcomes");
    }

    @Test
    void budgetOfAllUsersThatIsSpentAndRaised() {
        pipeline.limits = ceiling("0.02");
        Service service = serve(EnumSet.allOf(Role.class));
        publish();
        awaitFiring("SluiceCeilingNearlySpent", "SluiceRequestsRefused");

        service.close();
        pipeline.limits = ceiling("1000");
        serve(EnumSet.allOf(Role.class));
        awaitEnd("SluiceCeilingNearlySpent", "SluiceRequestsRefused");
    }

    @Test
    void instanceThatEnds() {
        Service service = serve(EnumSet.of(Role.ADMISSION));
        await().atMost(PATIENCE)
                .until(() -> !prometheus.query("sluice_dependency_up == 1").isEmpty());

        service.close();
        awaitFiring("SluiceInstanceDown", "SluiceAdmissionAbsent");

        serve(EnumSet.of(Role.ADMISSION));
        awaitEnd("SluiceInstanceDown", "SluiceAdmissionAbsent");
    }

    private Service serve(Set<Role> roles) {
        Service service = pipeline.start(roles);
        prometheus.scrape(service.httpAddress());
        String up = "sluice_dependency_up{instance='" + service.httpAddress().getAuthority() + "'}";
        await().atMost(PATIENCE).until(() -> !prometheus.query(up).isEmpty());
        return service;
    }

    private void publish() {
        var _ =
                load.scheduleAtFixedRate(
                        () -> {
                            int number = published.incrementAndGet();
                            pipeline.publish(Pipeline.request("r" + number, Pipeline.page(number)));
                        },
                        0,
                        1_000 / PER_SECOND,
                        TimeUnit.MILLISECONDS);
    }

    private void faults(String rates) {
        pipeline.simulator.faults(FaultRates.parse(rates));
    }

    private static UserLimits ceiling(String usd) {
        UserLimits users = UserLimits.of(Budgets.ofEach(1_000_000));
        return new UserLimits(
                users.budgets(),
                new Ceilings(Optional.of(new Cost(new BigDecimal(usd))), Map.of()),
                users.rates(),
                users.maxWaiting(),
                users.maxInteractive());
    }

    private void awaitFiring(String... names) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() ->
                        assertThat(prometheus.firing())
                                .extracting(LivePrometheus.Alert::name)
                                .contains(names));
        assertThat(prometheus.firing())
                .allSatisfy(alert ->
                        assertThat(alert.texts().values())
                                .noneMatch(text -> text.contains("<error")));
    }

    private void awaitEnd(String... names) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() ->
                        assertThat(prometheus.firing())
                                .extracting(LivePrometheus.Alert::name)
                                .doesNotContain(names));
    }
}
