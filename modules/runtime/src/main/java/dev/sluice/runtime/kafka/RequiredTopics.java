package dev.sluice.runtime.kafka;

import dev.sluice.contract.Topics;
import dev.sluice.runtime.kafka.AclPlan.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** The check that all topics of a role exist, and that the role has its rights there. */
public final class RequiredTopics {
    /** Longest wait for a topic: one that was just created is not known to all brokers at once. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Dependencies dependencies;
    private final AclPlan plan;
    private final Role role;

    /** Missing rights, such as {@code WRITE on sluice.calls.v1}. */
    private final Set<String> forbidden = new TreeSet<>();

    private RequiredTopics(Dependencies dependencies, AclPlan plan, Role role) {
        this.dependencies = dependencies;
        this.plan = plan;
        this.role = role;
    }

    /**
     * The brokers' descriptions of a role's topics.
     *
     * @throws EnvironmentException naming the missing topics or rights, or if the brokers do not
     *     answer
     */
    public static Map<String, TopicDescription> described(
            Dependencies dependencies, Topics topics, Role role, Collection<String> names) {
        try {
            return new RequiredTopics(dependencies, new AclPlan(topics), role).await(names);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting", e);
        }
    }

    /**
     * What is in the way of a role at its topics: missing topics and missing rights, in words. It
     * does not wait for topics that were just created.
     *
     * @param all the topics of the installation
     * @throws EnvironmentException if the brokers do not answer
     */
    public static List<String> problems(
            Dependencies dependencies, Topics topics, Role role, Collection<String> all) {
        AclPlan plan = new AclPlan(topics);
        List<String> names =
                all.stream().filter(name -> !plan.needed(role, name).isEmpty()).toList();
        RequiredTopics check = new RequiredTopics(dependencies, plan, role);
        Set<String> missing = new TreeSet<>(names);
        missing.removeAll(check.describe(names).keySet());
        missing.removeIf(name -> check.forbidden.stream().anyMatch(one -> one.endsWith(name)));
        List<String> problems = new ArrayList<>();
        if (!missing.isEmpty()) {
            problems.add(missing(missing));
        }
        if (!check.forbidden.isEmpty()) {
            problems.add(check.forbidden());
        }
        return problems;
    }

    private static String missing(Set<String> names) {
        return "topics are missing: run sluice topics create (" + String.join(", ", names) + ")";
    }

    private String forbidden() {
        return "the brokers do not permit what this service needs: "
                + String.join(", ", forbidden)
                + "; sluice acls "
                + role.name().toLowerCase(Locale.ROOT)
                + " prints all rights that it needs";
    }

    private Map<String, TopicDescription> await(Collection<String> names)
            throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Map<String, TopicDescription> found = describe(names);
            if (!forbidden.isEmpty()) {
                throw new EnvironmentException(forbidden());
            }
            if (found.keySet().containsAll(names)) {
                return found;
            }
            if (System.nanoTime() > end) {
                Set<String> missing = new TreeSet<>(names);
                missing.removeAll(found.keySet());
                throw new EnvironmentException(missing(missing));
            }
            Thread.sleep(PAUSE);
        }
    }

    private Map<String, TopicDescription> describe(Collection<String> names) {
        Map<String, TopicDescription> found = new TreeMap<>();
        var asked =
                dependencies
                        .admin()
                        .describeTopics(
                                names,
                                new DescribeTopicsOptions().includeAuthorizedOperations(true))
                        .topicNameValues();
        for (var topic : asked.entrySet()) {
            try {
                TopicDescription known = dependencies.answer(topic.getValue());
                found.put(topic.getKey(), known);
                require(topic.getKey(), known.authorizedOperations());
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case UnknownTopicOrPartitionException _ -> {}
                    case TopicAuthorizationException _ -> require(topic.getKey(), Set.of());
                    case null, default ->
                            throw new EnvironmentException(
                                    "the brokers do not describe the topics: " + e.getCause(), e);
                }
            }
        }
        return found;
    }

    private void require(String topic, @Nullable Set<AclOperation> permitted) {
        // Older brokers do not say what is permitted.
        if (permitted != null) {
            plan.needed(role, topic).stream()
                    .filter(needed -> !permitted.contains(needed))
                    .forEach(missing -> forbidden.add(missing + " on " + topic));
        }
    }
}
