package dev.sluice.runtime.kafka;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.BudgetChange;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.kafka.common.KafkaException;

/**
 * The planned subjects of the topics that other systems write and Sluice reads. They are registered
 * before another system registers a schema, and accept only schemas whose records Sluice can read.
 */
public record SubjectPlan(KafkaConnection connection) {
    /**
     * Compatibility level at which every earlier schema can read the records of every later one.
     * With {@code FORWARD} a field that Sluice needs could disappear in two steps: first it gets a
     * default, then it is dropped.
     */
    private static final String LEVEL = "FORWARD_TRANSITIVE";

    private static final Set<String> ENOUGH = Set.of(LEVEL, "FULL_TRANSITIVE");

    /**
     * Subjects whose compatibility level an operator has set to another value. Such a level is
     * never changed. Writes nothing.
     *
     * @return one message per difference, with the fix
     * @throws EnvironmentException if the registry does not answer, or rejects a request
     */
    public List<String> differences(SchemaRegistry registry) {
        List<String> differences = new ArrayList<>();
        for (String topic : schemas().keySet()) {
            String subject = subject(topic);
            Optional<String> level = ask(() -> registry.compatibility(subject));
            level.filter(found -> !ENOUGH.contains(found))
                    .ifPresent(found ->
                            differences.add(
                                    "%1$s has the compatibility %2$s, planned is %3$s: PUT /config/%1$s {\"compatibility\": \"%3$s\"} at the registry, or DELETE /config/%1$s"
                                            .formatted(subject, found, LEVEL)));
        }
        return differences;
    }

    /**
     * Registers missing schemas, and sets the compatibility of subjects that have none.
     *
     * @return what was done
     * @throws EnvironmentException if the registry does not answer, or rejects a request
     */
    public List<String> create(SchemaRegistry registry) {
        ConfluentAvroSerializer<Object> serializer = registering().serializer(registry);
        List<String> done = new ArrayList<>();
        schemas()
                .forEach((topic, schema) -> {
                    String subject = subject(topic);
                    // Asked first: once a subject exists, some registries answer with the level
                    // that is valid for all subjects.
                    boolean levelIsMissing = ask(() -> registry.compatibility(subject)).isEmpty();
                    boolean unused =
                            ask(() -> {
                                serializer.require(topic, schema);
                                return true;
                            });
                    if (levelIsMissing) {
                        unused =
                                ask(() -> {
                                    registry.setCompatibility(subject, LEVEL);
                                    return true;
                                });
                        done.add(subject + " " + LEVEL);
                    }
                });
        return done;
    }

    private Map<String, Schema> schemas() {
        return new TreeMap<>(
                Map.of(
                        connection.topics().requests(),
                        AnalysisRequest.getClassSchema(),
                        connection.topics().budgets(),
                        BudgetChange.getClassSchema()));
    }

    /**
     * The connection with registration on. Services may have it off; the plan is the place where
     * schemas are registered.
     */
    private KafkaConnection registering() {
        Map<String, Object> settings = new HashMap<>(connection.registry());
        settings.put("auto.register.schemas", true);
        settings.put("use.latest.version", false);
        return new KafkaConnection(
                connection.client(), settings, connection.topics(), connection.maxRequestBytes());
    }

    private <T> T ask(Supplier<T> question) {
        try {
            return question.get();
        } catch (RegistryUnavailableException e) {
            throw new EnvironmentException(
                    "no answer from the schema registry at %s (schema-registry.schema.registry.url): %s"
                            .formatted(Dependency.urls(connection), e.getMessage()),
                    e);
        } catch (KafkaException e) {
            throw new EnvironmentException(
                    "the schema registry at %s (schema-registry.schema.registry.url) refuses what Sluice needs: %s"
                            .formatted(Dependency.urls(connection), e.getMessage()),
                    e);
        }
    }

    private static String subject(String topic) {
        return topic + "-value";
    }
}
