package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.SimulatorSettings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service that is told to stop before it has started as a whole. */
class StopWhileStartingIT {
    @TempDir private Path folder;

    @Test
    void leavesNoPartitionWithWhoIsGone() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                // Accepts and says nothing: the worker's start waits, admission has begun.
                ServerSocket registry = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                Admin admin = Admin.create(pipeline.connection.client());
                JavaProcess service =
                        pipeline.startProcess(
                                "0",
                                "admission,worker",
                                Map.of(
                                        "SLUICE_SCHEMA_REGISTRY_SCHEMA_REGISTRY_URL",
                                        "http://127.0.0.1:" + registry.getLocalPort()))) {
            String group = pipeline.connection.topics().prefix() + "admission";
            await().atMost(Duration.ofSeconds(30)).until(() -> !members(admin, group).isEmpty());
            assertThat(service.log()).doesNotContain("service started");

            service.stop();

            assertThat(members(admin, group)).as(service.log()).isEmpty();
        }
    }

    /** Nobody where there is no such group yet. */
    private static Collection<MemberDescription> members(Admin admin, String group)
            throws InterruptedException {
        try {
            return admin.describeConsumerGroups(List.of(group))
                    .describedGroups()
                    .get(group)
                    .get()
                    .members();
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(GroupIdNotFoundException.class);
            return List.of();
        }
    }
}
