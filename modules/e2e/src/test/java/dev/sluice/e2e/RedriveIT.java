package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The redrive recipe of docs/USERS.md, run exactly as documented. */
class RedriveIT {
    private static final String RECIPE = "# BROKERS is set";

    @TempDir private Path folder;

    @Test
    void deadLetterIsRedrivenByHandAsDocumentedAgainAndAgain() throws Exception {
        ForeignClient.require("kcat");
        ForeignClient.require("python3");
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.start(EnumSet.allOf(Role.class));
            pipeline.publish(request("other"));
            pipeline.publish(request("order-4711"));
            assertThat(pipeline.committed.awaitOutcomes(2, PATIENCE)).hasSize(2);

            redrive(pipeline, "order-4711");
            assertThat(pipeline.committed.awaitOutcomes(3, PATIENCE)).hasSize(3);
            redrive(pipeline, "order-4711");

            List<Read> outcomes = pipeline.committed.awaitOutcomes(4, PATIENCE);
            assertThat(outcomes)
                    .filteredOn(letter -> letter.key().equals("order-4711"))
                    .extracting(letter -> letter.text("generation"))
                    .containsExactlyInAnyOrder("0", "1", "2");
            assertThat(outcomes).filteredOn(letter -> letter.key().equals("other")).hasSize(1);
        }
    }

    /** A request that ends as a dead letter each time. */
    private static AnalysisRequest request(String id) {
        return AnalysisRequest.newBuilder(Pipeline.request(id, "Text\nof two lines, and more."))
                .setAnalysis("nobody-wrote-this")
                .build();
    }

    private void redrive(Pipeline pipeline, String id) throws Exception {
        String recipe = documented().replace("sluice.", pipeline.connection.topics().prefix());
        var _ =
                ForeignClient.run(
                        folder,
                        List.of("bash", "-euo", "pipefail", "-c", recipe),
                        Map.of("BROKERS", ForeignClient.brokers(pipeline.connection), "ID", id));
    }

    private static String documented() throws Exception {
        String page = Files.readString(Path.of("../../docs/USERS.md"));
        int begin = page.indexOf(RECIPE);
        return page.substring(begin, page.indexOf("```", begin));
    }
}
