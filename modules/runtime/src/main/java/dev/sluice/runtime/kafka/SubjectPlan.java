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
 * The subjects of what others publish and Sluice reads: registered before anybody else registers
 * something there, and closed to schemas whose records Sluice cannot read.
 */
public record SubjectPlan(KafkaConnection connection) {
    /**
     * Records of every later schema can be read with every earlier one. With {@code FORWARD} alone
     * a field that Sluice needs could go in two steps: first it gets a default, then it is dropped.
     */
    private static final String LEVEL = "FORWARD_TRANSITIVE";

    private static final Set<String> ENOUGH = Set.of(LEVEL, "FULL_TRANSITIVE");

    /**
     * How the registry differs from the plan where somebody has decided so: such a level is never
     * changed. Nothing is written.
     *
     * @throws EnvironmentException if the registry gives no answer, or refuses it
     */
    public List<String> differences(SchemaRegistry registry) {
        List<String> differences = new ArrayList<>();
        for (String topic : schemas().keySet()) {
            String subject = subject(topic);
            Optional<String> level = asked(() -> registry.compatibility(subject));
            level.filter(found -> !ENOUGH.contains(found))
                    .ifPresent(found ->
                            differences.add(
                                    "%1$s has the compatibility %2$s, planned is %3$s: PUT /config/%1$s {\"compatibility\": \"%3$s\"} at the registry, or DELETE /config/%1$s"
                                            .formatted(subject, found, LEVEL)));
        }
        return differences;
    }

    /**
     * Registers what is missing and closes the subjects that nobody has decided on.
     *
     * @return what was done
     * @throws EnvironmentException if the registry gives no answer, or refuses it
     */
    public List<String> create(SchemaRegistry registry) {
        ConfluentAvroSerializer<Object> serializer = registering().serializer(registry);
        List<String> done = new ArrayList<>();
        schemas()
                .forEach((topic, schema) -> {
                    String subject = subject(topic);
                    boolean unused =
                            asked(() -> {
                                serializer.require(topic, schema);
                                return true;
                            });
                    if (asked(() -> registry.compatibility(subject)).isEmpty()) {
                        unused =
                                asked(() -> {
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

    /** Whatever the services are told to do: this is the place where schemas are registered. */
    private KafkaConnection registering() {
        Map<String, Object> settings = new HashMap<>(connection.registry());
        settings.put("auto.register.schemas", true);
        settings.put("use.latest.version", false);
        return new KafkaConnection(
                connection.client(), settings, connection.topics(), connection.maxRequestBytes());
    }

    private <T> T asked(Supplier<T> question) {
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
