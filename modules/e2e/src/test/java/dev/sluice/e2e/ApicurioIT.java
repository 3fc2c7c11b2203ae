package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.kafka.SubjectPlan;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry that is not Confluent's and not ours: Apicurio, through Confluent's API. */
class ApicurioIT {
    private static final Duration OUTAGE = Duration.ofSeconds(8);

    @TempDir private static Path shared;

    private static ApicurioServer server;

    @TempDir private Path folder;

    private Pipeline pipeline;
    private SchemaRegistry registry;

    @BeforeAll
    static void startServer() throws Exception {
        server = ApicurioServer.start(shared);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void start() throws Exception {
        pipeline =
                new Pipeline(
                        SimulatorSettings.defaults(),
                        folder,
                        AnalysisCatalog.load(Optional.empty()),
                        Network.withRegistry(TestBroker.bootstrapServers(), server.url()));
        registry = pipeline.connection.openRegistry();
    }

    @AfterEach
    void stop() {
        registry.close();
        pipeline.close();
    }

    @Test
    void subjectsAreSetUpOnceAndThenFoundAsPlanned() {
        SubjectPlan plan = new SubjectPlan(pipeline.connection);
        assertThat(plan.differences(registry)).isEmpty();

        assertThat(plan.create(registry))
                .hasSize(2)
                .allMatch(done -> done.endsWith(" FORWARD_TRANSITIVE"));

        assertThat(plan.differences(registry)).isEmpty();
        assertThat(plan.create(registry)).isEmpty();
    }

    @Test
    void schemaThatSluiceCouldNotReadIsRefused() {
        assertThat(new SubjectPlan(pipeline.connection).create(registry)).isNotEmpty();
        Schema shorter =
                SchemaBuilder.record("AnalysisRequest")
                        .namespace("dev.sluice.contract")
                        .fields()
                        .requiredString("requestId")
                        .requiredString("userId")
                        .requiredString("analysis")
                        .endRecord();

        assertThatThrownBy(() -> registry.register(requests(), shorter, false))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("409");
    }

    @Test
    void wholePipelineRuns() throws Exception {
        pipeline.start(EnumSet.allOf(Role.class));
        for (int i = 0; i < 20; i++) {
            pipeline.publish(Pipeline.request("r-" + i, Pipeline.page(i)));
        }

        assertThat(pipeline.committed.awaitOutcomes(20, PATIENCE))
                .hasSize(20)
                .allMatch(CommittedRecords.Read::isResult);
    }

    /** Later schemas with more fields, and those of publishers with other names of subjects. */
    @Test
    void idOfTheSchemaDecidesAndNotItsSubject() throws Exception {
        assertThat(new SubjectPlan(pipeline.connection).create(registry)).isNotEmpty();
        pipeline.start(EnumSet.allOf(Role.class));
        Schema later = withOneMoreField();
        List<String> subjects =
                List.of(
                        // TopicNameStrategy, RecordNameStrategy and TopicRecordNameStrategy.
                        requests(),
                        later.getFullName() + pipeline.connection.topics().prefix(),
                        pipeline.connection.topics().requests() + "-" + later.getFullName());

        for (String subject : subjects) {
            int id = registry.register(subject, later, false);
            byte[] record = pipeline.serialized(Pipeline.request(subject, Pipeline.page(1)));
            pipeline.publish("ann", withId(record, id));
        }

        assertThat(pipeline.committed.awaitOutcomes(subjects.size(), PATIENCE))
                .allMatch(CommittedRecords.Read::isResult)
                .extracting(CommittedRecords.Read::key)
                .containsExactlyInAnyOrderElementsOf(subjects);
    }

    @Test
    void outageDelaysOutcomesAndLosesNone() throws Exception {
        pipeline.start(EnumSet.allOf(Role.class));
        pipeline.publish(Pipeline.request("before", Pipeline.page(0)));
        assertThat(pipeline.committed.awaitOutcomes(1, PATIENCE)).hasSize(1);
        byte[] unknown = withId(pipeline.serialized(Pipeline.request("x", "x")), 1_000_000);

        server.pause();
        try {
            // Admission must ask for this schema.
            pipeline.publish("ann", unknown);
            for (int i = 0; i < 10; i++) {
                pipeline.publish(Pipeline.request("during-" + i, Pipeline.page(i)));
            }
            TimeUnit.NANOSECONDS.sleep(OUTAGE.toNanos());
        } finally {
            server.resume();
        }

        List<CommittedRecords.Read> outcomes = pipeline.committed.awaitOutcomes(12, PATIENCE);
        assertThat(outcomes).hasSize(12);
        assertThat(outcomes.stream().filter(CommittedRecords.Read::isResult)).hasSize(11);
    }

    private String requests() {
        return pipeline.connection.topics().requests() + "-value";
    }

    private static Schema withOneMoreField() {
        Schema now = AnalysisRequest.getClassSchema();
        List<Schema.Field> fields = new ArrayList<>();
        now.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
        fields.add(
                new Schema.Field(
                        "later",
                        Schema.createUnion(
                                Schema.create(Schema.Type.NULL), Schema.create(Schema.Type.STRING)),
                        null,
                        JsonProperties.NULL_VALUE));
        return Schema.createRecord(now.getName(), now.getDoc(), now.getNamespace(), false, fields);
    }

    /** The record with another schema id, and with null for the field at its end. */
    private static byte[] withId(byte[] record, int id) {
        ByteBuffer changed = ByteBuffer.allocate(record.length + 1);
        changed.put(record).put((byte) 0).putInt(1, id);
        return changed.array();
    }
}
