package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.SimulatorSettings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service that is stopped before its start has ended. */
class StopWhileStartingIT {
    @TempDir private Path folder;

    @Test
    void leavesNoPartitionAssignedToTheStoppedService() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                // The server accepts connections and does not answer, so the worker's start waits;
                // admission has started.
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
            await().atMost(PATIENCE).until(() -> !members(admin, group).isEmpty());
            assertThat(service.log()).doesNotContain("service started");

            service.stop();

            assertThat(members(admin, group)).as(service.log()).isEmpty();
        }
    }

    /** The group's members; empty if the group does not exist yet. */
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
