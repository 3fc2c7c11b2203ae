package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.app.cli.SluiceCommand;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.app.service.Service;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.WhenOverBudget;
import dev.sluice.e2e.CommittedRecords.Read;
import dev.sluice.simulator.SimulatorSettings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How operators see users' spend, and how they change budgets. */
class SpendIT {

    @TempDir private Path folder;

    @Test
    void budgetIsRaisedByCommandAndSpendIsSeenByCommandAndOnEveryInstance() throws Exception {
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder)) {
            pipeline.limits = UserLimits.of(Budgets.ofEach(0));
            pipeline.start(EnumSet.of(Role.ADMISSION));
            Service worker = pipeline.start(EnumSet.of(Role.WORKER));
            pipeline.publish(request("refused", WhenOverBudget.REFUSE));
            assertThat(pipeline.committed.awaitOutcomes(1, PATIENCE))
                    .allMatch(letter -> letter.text("reason").equals("BUDGET_EXCEEDED"));

            assertThat(sluice(pipeline, "budget", "set", "ann", "--daily-usd", "0.05"))
                    .contains("may spend 0.05 USD a day (set for the user)");
            assertThat(sluice(pipeline, "budget", "add", "ann", "1.5")).contains("1.5 USD more");
            await().atMost(PATIENCE).until(() -> !pipeline.committed.spends().isEmpty());
            pipeline.publish(request("paid", WhenOverBudget.REFUSE));
            List<Read> outcomes = pipeline.committed.awaitOutcomes(2, PATIENCE);
            assertThat(outcomes).anyMatch(Read::isResult);

            String cost = pipeline.committed.calls().getFirst().value().get("costUsd").toString();
            await().atMost(PATIENCE)
                    .untilAsserted(() -> {
                        JsonNode day = spend(worker, "ann").path("days").path(0);
                        assertThat(day.path("spentUsd").asString()).isEqualTo(cost);
                        assertThat(day.path("limitUsd").asString()).isEqualTo("1.550000000");
                        assertThat(day.path("reservedUsd").asString()).isEqualTo("0.000000000");
                    });
            assertThat(sluice(pipeline, "spend", "--user", "ann")).contains(cost);
            assertThat(sluice(pipeline, "spend", "--json")).contains("\"userId\":\"ann\"");
            assertThat(sluice(pipeline, "budget", "show", "ann")).contains(cost, "0.05 USD a day");
            assertThat(sluice(pipeline, "budget", "set", "ann", "--requests-per-hour", "9"))
                    .contains("0.05 USD a day (set", "9 requests");
            assertThat(sluice(pipeline, "budget", "reset", "ann"))
                    .contains("from this configuration");
            for (String nobody : List.of("nobody", "team%2Fann", "CORP%5Cann", "50%25", "a+b")) {
                assertThat(spend(worker, nobody).path("days")).isEmpty();
            }
            assertThat(spend(worker, "team%2Fann").path("userId").asString()).isEqualTo("team/ann");
            assertThat(spend(worker, "CORP%5Cann").path("userId").asString())
                    .isEqualTo("CORP\\ann");
        }
    }

    private static AnalysisRequest request(String id, WhenOverBudget whenOver) {
        AnalysisRequest request = Pipeline.request(id, Pipeline.page(1));
        request.setWhenOverBudget(whenOver);
        return request;
    }

    private static JsonNode spend(Service service, String user) throws Exception {
        HttpResponse<String> answer =
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(50))
                        .until(() -> ask(service, user), reply -> reply.statusCode() != 503);
        assertThat(answer.statusCode()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static HttpResponse<String> ask(Service service, String user) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create(service.httpAddress() + "/api/spend/" + user))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private String sluice(Pipeline pipeline, String... arguments) throws Exception {
        Path config = Commands.config(pipeline, folder);
        StringWriter out = new StringWriter();
        String[] all = new String[arguments.length + 2];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        all[arguments.length] = "--config";
        all[arguments.length + 1] = config.toString();
        int exitCode =
                SluiceCommand.commandLine(Optional.empty())
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(out))
                        .execute(all);
        assertThat(exitCode).as(out.toString()).isZero();
        return out.toString();
    }
}
