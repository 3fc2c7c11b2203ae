package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.AdmissionSettings;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.cli.SluiceCommand;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.app.operate.KafkaLetterOperations;
import dev.sluice.app.operate.LetterOperations;
import dev.sluice.app.operate.LetterQuery;
import dev.sluice.app.service.Service;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.Topics;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.devkit.SecureKafka;
import dev.sluice.runtime.kafka.AclPlan;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicPlan;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import dev.sluice.worker.WorkerSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** A broker that permits each role only what {@link AclPlan} says. */
class KafkaAclIT {
    private static final String ADMISSION = "admission";
    private static final String WORKER = "worker";
    private static final List<String> USERS =
            List.of(ADMISSION, WORKER, "publisher", "reader", "operator");
    private static final Topics TOPICS = new Topics("acl.");

    /**
     * Rights that nothing asks for at the start: those at topics that Kafka Streams creates, its
     * transactional ids, results topics, which may still be missing, and the spend that only {@code
     * /api} shows.
     */
    private static final Set<String> NOT_AT_THE_START =
            Set.of(
                    "admission: acl.admission- CREATE",
                    "admission: acl.admission- READ",
                    "admission: acl.admission- WRITE",
                    "admission: acl.admission WRITE",
                    "worker: acl.results. WRITE",
                    "worker: acl.spend.v1 READ");

    @TempDir private Path folder;

    private final AnalysisCatalog analyses = AnalysisCatalog.load(Optional.empty());
    private final AclPlan plan = new AclPlan(TOPICS);
    private EmbeddedRegistry registry;
    private Simulator simulator;
    private SecureKafka kafka;
    private Admin administrator;
    private CommittedRecords committed;
    private Map<String, List<Deployment>> models;
    private int states;

    @BeforeEach
    void start() throws Exception {
        registry = EmbeddedRegistry.start();
        simulator = Simulator.start(SimulatorSettings.defaults());
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

    @AfterEach
    void stop() {
        administrator.close();
        kafka.close();
        simulator.close();
        registry.close();
    }

    @Test
    void rightsOfThePlanAreEnough() throws Exception {
        try (Service admission = launch(ADMISSION);
                Service worker = launch(WORKER)) {
            awaitReady(admission);
            awaitReady(worker);
            publish("r-1");
            assertThat(committed.awaitOutcomes(1, PATIENCE))
                    .allMatch(CommittedRecords.Read::isResult);
        }
    }

    @Test
    void configCheckNamesMissingRights() throws Exception {
        assertThat(configCheck(WORKER))
                .contains("not compared with the plan: this user may not describe")
                .containsPattern("ok +topics +\\d+, with the rights that are needed there")
                .containsPattern("ok +brokers +1 at");
        assertThat(configCheck("reader"))
                .contains("the brokers do not permit what this service needs")
                .contains("WRITE on acl.calls.v1")
                .contains("sluice acls worker prints all rights that it needs")
                .doesNotContain("topics are missing");
    }

    /** What {@code sluice config check} says of a worker with this user's login. */
    private String configCheck(String user) throws IOException {
        StringBuilder yaml = new StringBuilder("topics:\n  prefix: acl.\nkafka:\n");
        connection(user)
                .client()
                .forEach((name, value) -> yaml.append("  %s: %s%n".formatted(name, quoted(value))));
        yaml.append("schema-registry:\n  schema.registry.url: %s%n".formatted(registry.url()));
        Path config = Files.writeString(folder.resolve(user + ".yaml"), yaml);
        StringWriter out = new StringWriter();
        int _ =
                SluiceCommand.commandLine(Optional.empty())
                        .setOut(new PrintWriter(out))
                        .execute(
                                "config",
                                "check",
                                "--roles",
                                "worker",
                                "--config",
                                config.toString());
        return out.toString();
    }

    private static String quoted(Object value) {
        return JsonMapper.shared().writeValueAsString(value.toString());
    }

    @Test
    void eachMissingRightIsNamedAtTheStart() throws Exception {
        for (String role : List.of(ADMISSION, WORKER)) {
            for (AclBinding right : rights(role)) {
                String name =
                        "%s: %s %s"
                                .formatted(role, right.pattern().name(), right.entry().operation());
                if (!NOT_AT_THE_START.contains(name)) {
                    taken(right);
                    Throwable failure = catchThrowable(() -> launch(role).close());
                    given(right);

                    assertThat(failure)
                            .as(name)
                            .hasMessageContaining(right.pattern().name())
                            .hasMessageContaining(
                                    right.pattern().resourceType() == ResourceType.GROUP
                                            ? "group"
                                            : right.entry().operation().name());
                }
            }
        }
        assertThat(simulator.requests()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "admission, acl.internal.jobs., WRITE",
        "admission, acl.spend.v1, WRITE",
        "admission, acl.admission-, WRITE",
        "worker, acl.internal.attempts., WRITE",
        "worker, acl.results., WRITE",
        "worker, slot-, WRITE"
    })
    void rightTakenAwayWhileItRunsIsNamedAndCostsNothing(
            String role, String resource, AclOperation operation) throws Exception {
        AclBinding right = right(role, resource, operation);
        try (Service other = launch(role.equals(ADMISSION) ? WORKER : ADMISSION)) {
            Service service = atWorkWith(other, role);

            taken(right);
            publish("during");
            await().atMost(PATIENCE)
                    .until(
                            () -> service.health().notReady() + " " + service.health().notLive(),
                            said -> said.contains(resource));
            given(right);
            // What an orchestrator does if the process has ended.
            boolean hasEnded = !service.health().notLive().isEmpty();
            try (Service _ = hasEnded ? restarted(service, role) : service) {
                assertBothHaveTheirResult();
            }
        }
        assertThat(simulator.requests()).isEqualTo(2);
    }

    @Test
    void publisherWithoutItsRightIsToldTheTopic() throws Exception {
        AclBinding right = plan.of(AclPlan.Role.PUBLISHER, "User:publisher", "").getFirst();
        taken(right);
        Throwable failure = catchThrowable(() -> publish("refused"));
        given(right);
        publish("accepted");

        assertThat(failure).hasMessageContaining(TOPICS.requests());
        try (Service _ = launch(ADMISSION);
                Service _ = launch(WORKER)) {
            assertThat(committed.awaitOutcomes(1, PATIENCE))
                    .extracting(CommittedRecords.Read::key)
                    .containsExactly("accepted");
        }
    }

    @Test
    void readerWithoutItsRightIsToldTheTopic() throws Exception {
        AclBinding right =
                plan.of(AclPlan.Role.READER, "User:reader", "reports").stream()
                        .filter(one -> one.pattern().name().equals(TOPICS.deadLetters()))
                        .findFirst()
                        .orElseThrow();
        taken(right);
        assertThatThrownBy(() -> committed.outcomes())
                .isInstanceOf(TopicAuthorizationException.class)
                .hasMessageContaining(TOPICS.deadLetters());
        given(right);

        assertThat(committed.outcomes()).isEmpty();
    }

    @Test
    void consoleNamesTheRightsThatItsLoginLacks() throws Exception {
        LetterQuery query =
                new LetterQuery(
                        Instant.EPOCH,
                        Optional.empty(),
                        Set.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        AnalysisRequest unknown = Pipeline.request("unknown", Pipeline.page(1));
        unknown.setAnalysis("nothing");
        try (Service _ = launch(ADMISSION)) {
            Requests.publish(connection("publisher"), List.of(unknown));
            assertThat(committed.awaitOutcomes(1, PATIENCE)).hasSize(1);
        }
        try (LetterOperations worker = operations(WORKER)) {
            assertThatThrownBy(() -> worker.list(query))
                    .isInstanceOf(TopicAuthorizationException.class)
                    .hasMessageContaining(TOPICS.discards());
        }
        AclBinding right =
                plan.of(AclPlan.Role.OPERATOR, "User:operator", "").stream()
                        .filter(one -> one.pattern().name().equals(TOPICS.discards()))
                        .filter(one -> one.entry().operation() == AclOperation.WRITE)
                        .findFirst()
                        .orElseThrow();
        try (LetterOperations operator = operations("operator")) {
            assertThat(operator.list(query).get("count").asLong()).isEqualTo(1);
            taken(right);
            assertThatThrownBy(() -> operator.discard(query, 1, "seen", "test"))
                    .hasRootCauseInstanceOf(TopicAuthorizationException.class);
            given(right);
            assertThatThrownBy(() -> operator.discard(query, 0, "seen", "test"))
                    .hasMessageContaining("more dead letters than in the list, by 1");
            operator.discard(query, 1, "seen", "test");
            assertThat(operator.list(query).get("count").asLong()).isZero();
        }
    }

    /** The consumer cannot go on without these, so the worker ends as in a crash. */
    @ParameterizedTest
    @ValueSource(strings = {"acl.worker", "acl.internal.jobs."})
    void rightOfTheConsumerTakenAwayRepeatsAtMostTheCallsInFlight(String resource)
            throws Exception {
        AclBinding right = right(WORKER, resource, AclOperation.READ);
        try (Service admission = launch(ADMISSION)) {
            Service worker = atWorkWith(admission, WORKER);

            taken(right);
            publish("during");
            await().atMost(PATIENCE)
                    .until(
                            () -> worker.health().notLive().toString(),
                            said -> said.contains(resource));
            given(right);
            try (Service _ = restarted(worker, WORKER)) {
                assertBothHaveTheirResult();
            }
        }
        assertThat(simulator.requests()).isBetween(2L, 3L);
    }

    private void assertBothHaveTheirResult() throws InterruptedException {
        assertThat(committed.awaitOutcomes(2, PATIENCE))
                .allMatch(CommittedRecords.Read::isResult)
                .extracting(CommittedRecords.Read::key)
                .containsExactlyInAnyOrder("before", "during");
    }

    private AclBinding right(String role, String resource, AclOperation operation) {
        return rights(role).stream()
                .filter(one -> one.pattern().name().equals(resource))
                .filter(one -> one.entry().operation() == operation)
                .findFirst()
                .orElseThrow();
    }

    /** Starts the service of this role beside the other one, and lets them work. */
    private Service atWorkWith(Service other, String role) throws Exception {
        Service service = launch(role);
        awaitReady(other);
        awaitReady(service);
        publish("before");
        assertThat(committed.awaitOutcomes(1, PATIENCE)).hasSize(1);
        return service;
    }

    private Service restarted(Service ended, String role) {
        ended.close();
        return launch(role);
    }

    private void taken(AclBinding right) throws Exception {
        var _ = administrator.deleteAcls(List.of(right.toFilter())).all().get();
        awaitKnown(right, false);
    }

    private void given(AclBinding right) throws Exception {
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

    private List<AclBinding> rights(String role) {
        return role.equals(ADMISSION)
                ? plan.of(AclPlan.Role.ADMISSION, "User:" + ADMISSION, "")
                : plan.of(AclPlan.Role.WORKER, "User:" + WORKER, "slot-");
    }

    private void permit(AclPlan.Role role, String user, String owned) throws Exception {
        var _ = administrator.createAcls(plan.of(role, "User:" + user, owned)).all().get();
    }

    private Service launch(String role) {
        return Service.start(servicePlan(role));
    }

    private LetterOperations operations(String user) {
        return new KafkaLetterOperations(servicePlan(user), InstantSource.system());
    }

    private ServicePlan servicePlan(String user) {
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

    private static void awaitReady(Service service) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(service.health().notReady()).isEmpty());
    }

    private ServicePlan.Knowledge knowledge() {
        return new ServicePlan.Knowledge(analyses, PriceTable.shipped());
    }

    private KafkaConnection connection(String user) {
        Map<String, Object> client = new HashMap<>(kafka.scram(user));
        // A stream thread that failed does not leave its group.
        client.put("consumer.session.timeout.ms", 6_000);
        return new KafkaConnection(
                client, Map.of("schema.registry.url", registry.url()), TOPICS, 1 << 20);
    }

    private void publish(String id) throws Exception {
        Requests.publish(connection("publisher"), List.of(Pipeline.request(id, Pipeline.page(1))));
    }
}
