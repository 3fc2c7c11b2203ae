package dev.sluice.runtime.kafka;

import dev.sluice.contract.Topics;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * The fewest rights at the brokers that each role needs. Reading and writing include describing.
 *
 * @param topics names of the topics
 */
public record AclPlan(Topics topics) {
    /** Who needs rights. */
    public enum Role {
        /** A service that runs admission. */
        ADMISSION,
        /** A service that runs a worker. */
        WORKER,
        /** An upstream system that publishes requests. */
        PUBLISHER,
        /** A downstream system that reads outcomes, calls and spend. */
        READER,
        /**
         * A person, or a job of a deployment, that creates topics, sets budgets, submits and
         * redrives requests.
         */
        OPERATOR
    }

    /**
     * The rights of a role.
     *
     * @param principal such as {@code User:sluice-worker}
     * @param owned for a worker, what its {@code worker.slot} begins with; for a reader, what its
     *     consumer group begins with; without meaning for other roles
     */
    public List<AclBinding> of(Role role, String principal, String owned) {
        Rights rights = new Rights(principal);
        switch (role) {
            case ADMISSION -> admission(rights);
            case WORKER -> worker(rights, owned);
            case PUBLISHER -> publisher(rights);
            case READER -> reader(rights, owned);
            case OPERATOR -> operator(rights);
        }
        return List.copyOf(rights.bindings);
    }

    /**
     * What a service needs at one of its topics.
     *
     * @param role {@code ADMISSION} or {@code WORKER}
     */
    Set<AclOperation> needed(Role role, String topic) {
        Set<AclOperation> operations = EnumSet.noneOf(AclOperation.class);
        for (AclBinding right : of(role, "User:any", "any")) {
            ResourcePattern resource = right.pattern();
            boolean isMeant =
                    resource.patternType() == PatternType.PREFIXED
                            ? topic.startsWith(resource.name())
                            : topic.equals(resource.name());
            if (resource.resourceType() == ResourceType.TOPIC && isMeant) {
                operations.add(right.entry().operation());
            }
        }
        return operations;
    }

    private void admission(Rights rights) {
        String application = topics.prefix() + "admission";
        rights.topic(topics.requests(), AclOperation.READ);
        rights.topic(topics.budgets(), AclOperation.READ);
        rights.topic(topics.settlements(), AclOperation.READ, AclOperation.DELETE);
        rights.topic(
                topics.repartitionedRequests(),
                AclOperation.READ,
                AclOperation.WRITE,
                AclOperation.DELETE);
        rights.topic(topics.totals(), AclOperation.READ, AclOperation.WRITE);
        rights.topic(topics.trials(), AclOperation.READ, AclOperation.WRITE);
        rights.topics(topics.prefix() + "internal.jobs.", AclOperation.WRITE);
        rights.topics(topics.prefix() + "results.", AclOperation.WRITE);
        rights.topic(topics.deadLetters(), AclOperation.WRITE);
        rights.topic(topics.spend(), AclOperation.READ, AclOperation.WRITE);
        // Changelogs of the state, which Kafka Streams creates itself.
        rights.topics(
                application + "-", AclOperation.CREATE, AclOperation.READ, AclOperation.WRITE);
        rights.add(ResourceType.GROUP, application, PatternType.LITERAL, AclOperation.READ);
        rights.add(
                ResourceType.TRANSACTIONAL_ID,
                application,
                PatternType.PREFIXED,
                AclOperation.WRITE);
    }

    private void worker(Rights rights, String slots) {
        rights.topics(topics.prefix() + "internal.jobs.", AclOperation.READ, AclOperation.DELETE);
        rights.topics(
                topics.prefix() + "internal.attempts.",
                AclOperation.READ,
                AclOperation.WRITE,
                AclOperation.DELETE);
        rights.topic(topics.settlements(), AclOperation.WRITE);
        rights.topics(topics.prefix() + "results.", AclOperation.WRITE);
        // Read for answers that are judged again.
        rights.topic(topics.deadLetters(), AclOperation.READ, AclOperation.WRITE);
        rights.topic(topics.calls(), AclOperation.WRITE);
        rights.topic(topics.spend(), AclOperation.READ);
        rights.add(
                ResourceType.GROUP,
                topics.prefix() + "worker",
                PatternType.LITERAL,
                AclOperation.READ);
        rights.add(ResourceType.TRANSACTIONAL_ID, slots, PatternType.PREFIXED, AclOperation.WRITE);
    }

    private void publisher(Rights rights) {
        rights.topic(topics.requests(), AclOperation.WRITE);
        // How many requests admission has not read yet, so that sluice submit can wait for it.
        rights.add(
                ResourceType.GROUP,
                topics.prefix() + "admission",
                PatternType.LITERAL,
                AclOperation.DESCRIBE);
    }

    private void reader(Rights rights, String groups) {
        rights.topics(topics.prefix() + "results.", AclOperation.READ);
        rights.topic(topics.deadLetters(), AclOperation.READ);
        rights.topic(topics.discards(), AclOperation.READ);
        rights.topic(topics.calls(), AclOperation.READ);
        rights.topic(topics.spend(), AclOperation.READ);
        rights.add(ResourceType.GROUP, groups, PatternType.PREFIXED, AclOperation.READ);
    }

    private void operator(Rights rights) {
        rights.topics(
                topics.prefix(),
                AclOperation.CREATE,
                AclOperation.DESCRIBE,
                AclOperation.DESCRIBE_CONFIGS);
        rights.topic(topics.budgets(), AclOperation.READ, AclOperation.WRITE);
        // Written to erase a user.
        rights.topic(topics.spend(), AclOperation.READ, AclOperation.WRITE);
        rights.topic(topics.deadLetters(), AclOperation.READ);
        rights.topic(topics.discards(), AclOperation.READ, AclOperation.WRITE);
        rights.topics(topics.prefix() + "results.", AclOperation.READ);
        rights.topic(topics.calls(), AclOperation.READ);
        rights.topic(topics.requests(), AclOperation.READ);
        rights.topic(topics.trials(), AclOperation.READ);
        publisher(rights);
    }

    /** Collects the rights of one principal. */
    private static final class Rights {
        final List<AclBinding> bindings = new ArrayList<>();
        private final String principal;

        Rights(String principal) {
            this.principal = principal;
        }

        void topic(String name, AclOperation... operations) {
            add(ResourceType.TOPIC, name, PatternType.LITERAL, operations);
        }

        /** All topics whose names begin with this. */
        void topics(String start, AclOperation... operations) {
            add(ResourceType.TOPIC, start, PatternType.PREFIXED, operations);
        }

        void add(ResourceType type, String name, PatternType pattern, AclOperation... operations) {
            for (AclOperation operation : operations) {
                bindings.add(
                        new AclBinding(
                                new ResourcePattern(type, name, pattern),
                                new AccessControlEntry(
                                        principal, "*", operation, AclPermissionType.ALLOW)));
            }
        }
    }
}
