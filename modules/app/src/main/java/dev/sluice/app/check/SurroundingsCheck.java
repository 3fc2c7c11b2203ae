package dev.sluice.app.check;

import dev.sluice.contract.registry.SchemaNotFoundException;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.AclPlan;
import dev.sluice.runtime.kafka.Dependencies;
import dev.sluice.runtime.kafka.Dependency;
import dev.sluice.runtime.kafka.EnvironmentException;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.RequiredTopics;
import dev.sluice.runtime.kafka.SubjectPlan;
import dev.sluice.runtime.kafka.TopicPlan;
import dev.sluice.worker.Worker;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.common.errors.AuthorizationException;

/** Checks brokers and registry: whether they answer, and have what a service needs. */
public final class SurroundingsCheck {
    private static final String BROKERS = "brokers";
    private static final String REGISTRY = "schema registry";
    private static final String TOPICS = "topics";

    private final KafkaConnection connection;
    private final TopicPlan topics;
    private final Function<Throwable, String> words;

    /**
     * @param words a failure of a client in words, with the fix
     */
    public SurroundingsCheck(
            KafkaConnection connection, TopicPlan topics, Function<Throwable, String> words) {
        this.connection = connection;
        this.topics = topics;
        this.words = words;
    }

    /** Checks what these roles need. */
    public List<Finding> of(Set<AclPlan.Role> roles) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        try (Dependencies dependencies = Dependencies.watch(connection)) {
            if (brokers(dependencies, roles, findings)) {
                topics(dependencies, roles, findings);
            }
            registry(dependencies.registry(), findings);
        }
        return findings;
    }

    /** Whether they answer. */
    private boolean brokers(
            Dependencies dependencies, Set<AclPlan.Role> roles, List<Finding> findings) {
        try {
            DescribeClusterResult cluster = dependencies.admin().describeCluster();
            Collection<?> nodes = dependencies.answer(cluster.nodes());
            if (roles.contains(AclPlan.Role.WORKER)) {
                dependencies.requireTransactionVersion(Worker.MIN_TRANSACTION_VERSION);
            }
            findings.add(
                    Finding.ok(
                            BROKERS,
                            "%d at %s"
                                    .formatted(
                                            nodes.size(),
                                            connection.client().get("bootstrap.servers"))));
            return true;
        } catch (EnvironmentException e) {
            findings.add(Finding.problem(BROKERS, String.valueOf(e.getMessage())));
        } catch (ExecutionException e) {
            findings.add(Finding.problem(BROKERS, words.apply(e)));
        }
        return false;
    }

    private void topics(Dependencies dependencies, Set<AclPlan.Role> roles, List<Finding> findings)
            throws InterruptedException {
        List<String> problems = new ArrayList<>();
        try {
            problems.addAll(topics.differences(dependencies.admin()));
        } catch (IllegalStateException e) {
            if (isForbidden(e)) {
                findings.add(
                        Finding.warning(
                                TOPICS,
                                "not compared with the plan: this user may not describe their"
                                        + " settings, which a service need not; an operator may"));
            } else {
                problems.add(words.apply(e));
            }
        }
        for (AclPlan.Role role : roles) {
            try {
                RequiredTopics.problems(dependencies, connection.topics(), role, topics.names())
                        .stream()
                        .filter(problem -> !problems.contains(problem))
                        .forEach(problems::add);
            } catch (EnvironmentException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }
        problems.forEach(problem -> findings.add(Finding.problem(TOPICS, problem)));
        if (problems.isEmpty()) {
            findings.add(
                    Finding.ok(
                            TOPICS,
                            "%d, with the rights that are needed there"
                                    .formatted(topics.names().size())));
        }
    }

    private static boolean isForbidden(Throwable failure) {
        return failure instanceof AuthorizationException
                || (failure.getCause() != null && isForbidden(failure.getCause()));
    }

    private void registry(SchemaRegistry registry, List<Finding> findings) {
        String subject = connection.topics().requests() + "-value";
        try {
            var _ = registry.latest(subject);
            List<String> differences = new SubjectPlan(connection).differences(registry);
            differences.forEach(one -> findings.add(Finding.problem(REGISTRY, one)));
            if (differences.isEmpty()) {
                findings.add(
                        Finding.ok(
                                REGISTRY,
                                "at %s, has the schema of requests"
                                        .formatted(Dependency.urls(connection))));
            }
        } catch (SchemaNotFoundException e) {
            findings.add(
                    Finding.problem(
                            REGISTRY,
                            "has no schema of requests ("
                                    + subject
                                    + "): run sluice topics create"));
        } catch (RuntimeException e) {
            findings.add(Finding.problem(REGISTRY, words.apply(e)));
        }
    }
}
