package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.AdmissionSettings;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.app.operate.KafkaLetterOperations;
import dev.sluice.app.operate.LetterOperations;
import dev.sluice.app.service.Service;
import dev.sluice.contract.Topics;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.devkit.SecureKafka;
import dev.sluice.runtime.kafka.AclPlan;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicPlan;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import dev.sluice.worker.WorkerSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;

/**
 * A broker with ACLs and a user for each role of the {@link AclPlan}, a registry and a simulator.
 */
final class AclCluster implements AutoCloseable {
    static final String ADMISSION = "admission";
    static final String WORKER = "worker";
    static final Topics TOPICS = new Topics("acl.");
    private static final List<String> USERS =
            List.of(ADMISSION, WORKER, "publisher", "reader", "operator");

    final EmbeddedRegistry registry = EmbeddedRegistry.start();
    final Simulator simulator = Simulator.start(SimulatorSettings.defaults());
    final AclPlan plan = new AclPlan(TOPICS);
    final CommittedRecords committed;
    private final Path folder;
    private final AnalysisCatalog analyses = AnalysisCatalog.load(Optional.empty());
    private final SecureKafka kafka;
    private final Admin administrator;
    private final Map<String, List<Deployment>> models;
    private int states;

    AclCluster(Path folder) throws Exception {
        this.folder = folder;
        kafka = SecureKafka.start(folder, "certified", List.of());
        kafka.createScramUsers(USERS);
        administrator = Admin.create(kafka.administrator());
        models =
                Deployments.of(
                        Map.of(),
                        knowledge(),
                        Environment.of(
                                Map.of(
                                        "OPENAI_BASE_URL",
                                        simulator.baseUrl().toString(),
                                        "OPENAI_API_KEY",
                                        "key")),
                        true);
        models.replaceAll((name, places) ->
                places.stream()
                        .map(place -> place.with(place.limits().with(Limit.REQUESTS, 600_000)))
                        .toList());
        permit(AclPlan.Role.ADMISSION, ADMISSION, "");
        permit(AclPlan.Role.WORKER, WORKER, "slot-");
        permit(AclPlan.Role.PUBLISHER, "publisher", "");
        permit(AclPlan.Role.READER, "reader", "reports");
        permit(AclPlan.Role.OPERATOR, "operator", "");
        try (Admin operator = Admin.create(connection("operator").client())) {
            assertThat(
                            new TopicPlan(
                                            connection("operator"),
                                            analyses.all().stream()
                                                    .map(AnalysisDefinition::name)
                                                    .toList(),
                                            models.keySet(),
                                            2,
                                            (short) 1)
                                    .create(operator))
                    .isNotEmpty();
        }
        committed =
                new CommittedRecords(
                        connection("reader"),
                        analyses.all().stream().map(AnalysisDefinition::name).toList());
    }

    @Override
    public void close() {
        administrator.close();
        kafka.close();
        simulator.close();
        registry.close();
    }

    void taken(AclBinding right) throws Exception {
        var _ = administrator.deleteAcls(List.of(right.toFilter())).all().get();
        awaitKnown(right, false);
    }

    void given(AclBinding right) throws Exception {
        administrator.createAcls(List.of(right)).all().get();
        awaitKnown(right, true);
    }

    /** The controller answers before the broker knows. */
    private void awaitKnown(AclBinding right, boolean isGiven) {
        await().until(
                        () ->
                                !administrator
                                        .describeAcls(right.toFilter())
                                        .values()
                                        .get()
                                        .isEmpty(),
                        known -> known == isGiven);
    }

    List<AclBinding> rights(String role) {
        return role.equals(ADMISSION)
                ? plan.of(AclPlan.Role.ADMISSION, "User:" + ADMISSION, "")
                : plan.of(AclPlan.Role.WORKER, "User:" + WORKER, "slot-");
    }

    private void permit(AclPlan.Role role, String user, String owned) throws Exception {
        var _ = administrator.createAcls(plan.of(role, "User:" + user, owned)).all().get();
    }

    Service launch(String role) {
        return Service.start(servicePlan(role));
    }

    LetterOperations operations(String user) {
        return new KafkaLetterOperations(servicePlan(user), InstantSource.system());
    }

    ServicePlan servicePlan(String user) {
        return new ServicePlan(
                Set.of(
                        user.equals(ADMISSION)
                                ? ServicePlan.Role.ADMISSION
                                : ServicePlan.Role.WORKER),
                connection(user),
                knowledge(),
                models,
                AdmissionSettings.defaults(
                                folder.resolve("state-" + states++),
                                Deployments.modelIds(models, PriceTable.shipped()),
                                UserLimits.of(Budgets.ofEach(1_000)))
                        .withStandbys(0)
                        .withProbeInterval(Duration.ofMillis(200)),
                WorkerSettings.defaults("slot-0", models.keySet())
                        .withCleanupInterval(Duration.ofSeconds(1)),
                HttpSettings.loopback(0));
    }

    static void awaitReady(Service service) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(service.health().notReady()).isEmpty());
    }

    ServicePlan.Knowledge knowledge() {
        return new ServicePlan.Knowledge(analyses, PriceTable.shipped());
    }

    KafkaConnection connection(String user) {
        Map<String, Object> client = new HashMap<>(kafka.scram(user));
        // A stream thread that failed does not leave its group.
        client.put("consumer.session.timeout.ms", 6_000);
        return new KafkaConnection(
                client, Map.of("schema.registry.url", registry.url()), TOPICS, 1 << 20);
    }

    AclBinding right(String role, String resource, AclOperation operation) {
        return rights(role).stream()
                .filter(one -> one.pattern().name().equals(resource))
                .filter(one -> one.entry().operation() == operation)
                .findFirst()
                .orElseThrow();
    }

    void publish(String id) throws Exception {
        publish(id, Map.of());
    }

    void publish(String id, Map<String, String> headers) throws Exception {
        Requests.publish(
                connection("publisher"), List.of(Pipeline.request(id, Pipeline.page(1))), headers);
    }
}
