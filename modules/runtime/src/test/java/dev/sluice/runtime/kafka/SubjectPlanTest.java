package dev.sluice.runtime.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.Topics;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.devkit.EmbeddedRegistry;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SubjectPlanTest {
    private static final String REQUESTS = "t.requests.v1-value";

    /** The settings of a publisher that registers its own schema. */
    private static final Schema SHORTER =
            SchemaBuilder.record("AnalysisRequest")
                    .namespace("dev.sluice.contract")
                    .fields()
                    .requiredString("requestId")
                    .requiredString("userId")
                    .requiredString("analysis")
                    .endRecord();

    private final EmbeddedRegistry server = EmbeddedRegistry.start();
    private final KafkaConnection connection =
            new KafkaConnection(
                    Map.of(),
                    Map.of("schema.registry.url", server.url()),
                    new Topics("t."),
                    1 << 20);
    private final SchemaRegistry registry = connection.openRegistry();
    private final SubjectPlan plan = new SubjectPlan(connection);

    @AfterEach
    void close() {
        registry.close();
        server.close();
    }

    @Test
    void schemaWithoutContentIsRejectedAfterCreate() {
        assertThat(plan.create(registry))
                .containsExactly(
                        "t.budgets.v1-value FORWARD_TRANSITIVE", REQUESTS + " FORWARD_TRANSITIVE");

        assertThatThrownBy(() -> registry.register(REQUESTS, SHORTER, false))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("409");
        assertThat(registry.latest(REQUESTS).schema().getField("content")).isNotNull();
    }

    @Test
    void requiredFieldCannotBeRemovedInTwoSteps() {
        List<String> _ = plan.create(registry);
        int _ =
                register(
                        "\"name\":\"content\",\"type\":\"string\",",
                        "\"name\":\"content\",\"type\":\"string\",\"default\":\"\",");

        assertThatThrownBy(() -> registry.register(REQUESTS, SHORTER, false))
                .isInstanceOf(SerializationException.class);
    }

    @Test
    void additionalFieldsAreAccepted() {
        List<String> _ = plan.create(registry);

        int id = register("\"fields\":[", "\"fields\":[{\"name\":\"tenant\",\"type\":\"string\"},");

        assertThat(registry.latest(REQUESTS).id()).isEqualTo(id);
    }

    @Test
    void createIsIdempotentAndOtherLevelsAreReported() {
        List<String> _ = plan.create(registry);
        assertThat(plan.create(registry)).isEmpty();
        assertThat(plan.differences(registry)).isEmpty();

        registry.setCompatibility(REQUESTS, "NONE");

        assertThat(plan.differences(registry))
                .singleElement()
                .asString()
                .contains(REQUESTS, "NONE", "FORWARD_TRANSITIVE", "PUT /config/");
        assertThat(registry.compatibility(REQUESTS)).contains("NONE");
    }

    @Test
    void outageMessageNamesTheRegistrysKey() {
        server.fail(503);

        assertThatThrownBy(() -> plan.differences(registry))
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining(server.url())
                .hasMessageContaining("schema-registry.schema.registry.url");
    }

    @Test
    void incompatibleExistingSchemaIsReported() {
        int _ = registry.register(REQUESTS, SHORTER, false);

        assertThatThrownBy(() -> plan.create(registry))
                .isInstanceOf(EnvironmentException.class)
                .hasMessageContaining("refuses what Sluice needs")
                .hasMessageContaining(REQUESTS);
    }

    /** Registers Sluice's schema with one replacement in its text. */
    private int register(String place, String changed) {
        String text = AnalysisRequest.getClassSchema().toString();
        assertThat(text).contains(place);
        return registry.register(
                REQUESTS,
                new Schema.Parser().parse(text.replaceFirst(Pattern.quote(place), changed)),
                false);
    }
}
