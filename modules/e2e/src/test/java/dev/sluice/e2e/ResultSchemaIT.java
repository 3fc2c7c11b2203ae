package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.app.config.InvalidConfigException;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.result.ResultType;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An analysis whose changed result schema the registry rejects. */
class ResultSchemaIT {
    @TempDir private Path folder;

    @Test
    void stopsTheStartBeforeAnyCallAndLeavesNoThreadRunning() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                SchemaRegistry registry = pipeline.connection.openRegistry()) {
            Schema now =
                    ResultType.of(
                                    "seo",
                                    pipeline.analyses
                                            .find("seo")
                                            .orElseThrow()
                                            .output()
                                            .schema()
                                            .tree())
                            .schema();
            Schema before =
                    Schema.createRecord(
                            now.getName(),
                            null,
                            now.getNamespace(),
                            false,
                            List.of(new Schema.Field("requestId", Schema.create(Schema.Type.INT))));
            String topic = pipeline.connection.topics().results("seo");
            byte[] registered =
                    pipeline.connection
                            .serializer(registry)
                            .serialize(
                                    topic,
                                    new GenericRecordBuilder(before).set("requestId", 1).build());
            assertThat(registered).isNotEmpty();

            assertThatThrownBy(() -> pipeline.start(EnumSet.allOf(Role.class)))
                    .isInstanceOf(InvalidConfigException.class)
                    .hasMessageContaining("results of seo cannot be written to " + topic)
                    .hasMessageContaining("give the analysis another name");

            String admission = pipeline.connection.topics().prefix() + "admission";
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.contains(admission));
            assertThat(pipeline.simulator.requests()).isZero();
        }
    }
}
