package dev.sluice.e2e;

import static dev.sluice.e2e.AclCluster.ADMISSION;
import static dev.sluice.e2e.AclCluster.TOPICS;
import static dev.sluice.e2e.AclCluster.WORKER;
import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.service.Service;
import dev.sluice.runtime.kafka.AclPlan;
import dev.sluice.simulator.FaultRates;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A broker that permits each role only what {@link AclPlan} says. */
class KafkaAclIT {
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
    void rightsOfThePlanAreEnough() throws Exception {
        try (Service admission = cluster.launch(ADMISSION);
                Service worker = cluster.launch(WORKER)) {
            AclCluster.awaitReady(admission);
            AclCluster.awaitReady(worker);
            cluster.publish("r-1");
            assertThat(cluster.committed.awaitOutcomes(1, PATIENCE))
                    .allMatch(CommittedRecords.Read::isResult);
        }
    }

    @Test
    void eachMissingRightIsNamedAtTheStart() throws Exception {
        for (String role : List.of(ADMISSION, WORKER)) {
            for (AclBinding right : cluster.rights(role)) {
                String name =
                        "%s: %s %s"
                                .formatted(role, right.pattern().name(), right.entry().operation());
                if (!NOT_AT_THE_START.contains(name)) {
                    cluster.taken(right);
                    Throwable failure = catchThrowable(() -> cluster.launch(role).close());
                    cluster.given(right);

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
        assertThat(cluster.simulator.requests()).isZero();
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
        AclBinding right = cluster.right(role, resource, operation);
        try (Service other = cluster.launch(role.equals(ADMISSION) ? WORKER : ADMISSION)) {
            Service service = atWorkWith(other, role);

            cluster.taken(right);
            cluster.publish("during");
            await().atMost(PATIENCE)
                    .until(
                            () -> service.health().notReady() + " " + service.health().notLive(),
                            said -> said.contains(resource));
            cluster.given(right);
            // What an orchestrator does if the process has ended.
            boolean hasEnded = !service.health().notLive().isEmpty();
            try (Service _ = hasEnded ? restarted(service, role) : service) {
                assertBothHaveTheirResult();
            }
        }
        assertThat(cluster.simulator.requests()).isEqualTo(2);
    }

    /** A rejudgement reads its dead letter, with a right that nothing else of a worker needs. */
    @Test
    void rejudgementWaitsForItsDeadLetterAndOtherJobsGoOn() throws Exception {
        AclBinding right = cluster.right(WORKER, TOPICS.deadLetters(), AclOperation.READ);
        cluster.simulator.faults(FaultRates.parse("out-of-range=1"));
        try (Service admission = cluster.launch(ADMISSION)) {
            Service _ = atWorkWith(admission, WORKER);
            CommittedRecords.Read letter = cluster.committed.outcomes().getFirst();
            assertThat(letter.text("reason")).isEqualTo("INVALID_OUTPUT");
            cluster.simulator.faults(FaultRates.NONE);
            long calls = cluster.simulator.requests();

            cluster.taken(right);
            cluster.publish(
                    "before", Map.of("sluice-generation", "1", "sluice-rejudge", letter.place()));
            cluster.publish("during");
            assertThat(cluster.committed.awaitOutcomes(2, PATIENCE))
                    .filteredOn(CommittedRecords.Read::isResult)
                    .extracting(CommittedRecords.Read::key)
                    .containsExactly("during");
            cluster.given(right);

            assertThat(cluster.committed.awaitOutcomes(3, PATIENCE))
                    .filteredOn(outcome -> !outcome.isResult())
                    .extracting(outcome -> outcome.text("generation"))
                    .containsExactlyInAnyOrder("0", "1");
            assertThat(cluster.simulator.requests()).isEqualTo(calls + 1);
        }
    }

    /** The consumer cannot go on without these, so the worker ends as in a crash. */
    @ParameterizedTest
    @ValueSource(strings = {"acl.worker", "acl.internal.jobs."})
    void rightOfTheConsumerTakenAwayRepeatsAtMostTheCallsInFlight(String resource)
            throws Exception {
        AclBinding right = cluster.right(WORKER, resource, AclOperation.READ);
        try (Service admission = cluster.launch(ADMISSION)) {
            Service worker = atWorkWith(admission, WORKER);

            cluster.taken(right);
            cluster.publish("during");
            await().atMost(PATIENCE)
                    .until(
                            () -> worker.health().notLive().toString(),
                            said -> said.contains(resource));
            cluster.given(right);
            try (Service _ = restarted(worker, WORKER)) {
                assertBothHaveTheirResult();
            }
        }
        assertThat(cluster.simulator.requests()).isBetween(2L, 3L);
    }

    private void assertBothHaveTheirResult() throws InterruptedException {
        assertThat(cluster.committed.awaitOutcomes(2, PATIENCE))
                .allMatch(CommittedRecords.Read::isResult)
                .extracting(CommittedRecords.Read::key)
                .containsExactlyInAnyOrder("before", "during");
    }

    /** Starts the service of this role beside the other one, and lets them work. */
    private Service atWorkWith(Service other, String role) throws Exception {
        Service service = cluster.launch(role);
        AclCluster.awaitReady(other);
        AclCluster.awaitReady(service);
        cluster.publish("before");
        assertThat(cluster.committed.awaitOutcomes(1, PATIENCE)).hasSize(1);
        return service;
    }

    private Service restarted(Service ended, String role) {
        ended.close();
        return cluster.launch(role);
    }
}
