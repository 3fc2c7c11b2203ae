package dev.sluice.e2e;

import static dev.sluice.e2e.AclCluster.ADMISSION;
import static dev.sluice.e2e.AclCluster.TOPICS;
import static dev.sluice.e2e.AclCluster.WORKER;
import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.app.cli.SluiceCommand;
import dev.sluice.app.operate.LetterOperations;
import dev.sluice.app.operate.LetterQuery;
import dev.sluice.app.service.Service;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.runtime.kafka.AclPlan;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Rights of those beside the services: clients, commands and the console. */
class KafkaAclClientsIT {
    @TempDir private Path folder;

    private AclCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new AclCluster(folder);
    }

    @AfterEach
    void stop() {
        cluster.close();
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
        cluster.connection(user)
                .client()
                .forEach((name, value) -> yaml.append("  %s: %s%n".formatted(name, quoted(value))));
        yaml.append(
                "schema-registry:\n  schema.registry.url: %s%n".formatted(cluster.registry.url()));
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
    void publisherWithoutItsRightIsToldTheTopic() throws Exception {
        AclBinding right = cluster.plan.of(AclPlan.Role.PUBLISHER, "User:publisher", "").getFirst();
        cluster.taken(right);
        Throwable failure = catchThrowable(() -> cluster.publish("refused"));
        cluster.given(right);
        cluster.publish("accepted");

        assertThat(failure).hasMessageContaining(TOPICS.requests());
        try (Service _ = cluster.launch(ADMISSION);
                Service _ = cluster.launch(WORKER)) {
            assertThat(cluster.committed.awaitOutcomes(1, PATIENCE))
                    .extracting(CommittedRecords.Read::key)
                    .containsExactly("accepted");
        }
    }

    @Test
    void readerWithoutItsRightIsToldTheTopic() throws Exception {
        AclBinding right =
                cluster.plan.of(AclPlan.Role.READER, "User:reader", "reports").stream()
                        .filter(one -> one.pattern().name().equals(TOPICS.deadLetters()))
                        .findFirst()
                        .orElseThrow();
        cluster.taken(right);
        assertThatThrownBy(() -> cluster.committed.outcomes())
                .isInstanceOf(TopicAuthorizationException.class)
                .hasMessageContaining(TOPICS.deadLetters());
        cluster.given(right);

        assertThat(cluster.committed.outcomes()).isEmpty();
    }

    @Test
    void consoleNamesTheRightsThatItsLoginLacks() throws Exception {
        LetterQuery query =
                new LetterQuery(
                        Instant.EPOCH,
                        Map.of(),
                        Set.of(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        AnalysisRequest unknown = Pipeline.request("unknown", Pipeline.page(1));
        unknown.setAnalysis("nothing");
        try (Service _ = cluster.launch(ADMISSION)) {
            Requests.publish(cluster.connection("publisher"), List.of(unknown));
            assertThat(cluster.committed.awaitOutcomes(1, PATIENCE)).hasSize(1);
        }
        try (LetterOperations worker = cluster.operations(WORKER)) {
            assertThatThrownBy(() -> worker.list(query))
                    .isInstanceOf(TopicAuthorizationException.class)
                    .hasMessageContaining(TOPICS.discards());
        }
        AclBinding right =
                cluster.plan.of(AclPlan.Role.OPERATOR, "User:operator", "").stream()
                        .filter(one -> one.pattern().name().equals(TOPICS.discards()))
                        .filter(one -> one.entry().operation() == AclOperation.WRITE)
                        .findFirst()
                        .orElseThrow();
        try (LetterOperations operator = cluster.operations("operator")) {
            assertThat(operator.list(query).get("count").asLong()).isEqualTo(1);
            cluster.taken(right);
            assertThatThrownBy(() -> operator.discard(query, 1, "seen", Instant.now(), "test"))
                    .hasRootCauseInstanceOf(TopicAuthorizationException.class);
            cluster.given(right);
            assertThatThrownBy(() -> operator.discard(query, 0, "seen", Instant.now(), "test"))
                    .hasMessageContaining("more dead letters than in the list, by 1");
            operator.discard(query, 1, "seen", Instant.now(), "test");
            assertThat(operator.list(query).get("count").asLong()).isZero();
        }
    }
}
