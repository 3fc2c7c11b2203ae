package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.service.Service;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpiredOffsetsIT {

    @TempDir private Path folder;

    @Test
    void admissionWithExpiredOffsetsReadsNoRequestAgain() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                Admin admin = Admin.create(pipeline.connection.client())) {
            Service first = pipeline.start(EnumSet.of(Role.ADMISSION));
            pipeline.publish(Pipeline.request("r", Pipeline.page(1)));
            await().atMost(PATIENCE).until(() -> pipeline.committed.writtenJobs() > 0);
            first.close();
            long before = pipeline.committed.writtenJobs();
            String group = pipeline.connection.topics().prefix() + "admission";
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() ->
                            assertThat(
                                            admin.deleteConsumerGroups(List.of(group))
                                                    .all()
                                                    .toCompletionStage())
                                    .succeedsWithin(PATIENCE));

            assertThatThrownBy(() -> pipeline.start(EnumSet.of(Role.ADMISSION)))
                    .hasMessageContaining("the group " + group + " has no committed offsets")
                    .hasMessageContaining("--reset-offsets");
            assertThat(pipeline.committed.writtenJobs()).isEqualTo(before);
        }
    }
}
