package dev.sluice.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.check.Finding;
import dev.sluice.app.check.Finding.Level;
import dev.sluice.app.check.LiveCheck;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.Environment;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.simulator.FaultRates;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** {@code sluice doctor --live}: one call to each deployment. */
class LiveCheckIT {
    private final PriceTable prices = PriceTable.shipped();

    @Test
    void everyDeploymentIsCalledOnceAndItsCostIsNamed() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorSettings.defaults())) {
            List<Deployment> deployments = deployments(simulator.baseUrl());

            List<Finding> findings = check(deployments);

            assertThat(findings)
                    .hasSameSizeAs(deployments)
                    .allMatch(finding -> finding.level() == Level.OK)
                    .allMatch(finding ->
                            finding.text().matches("\\S+ at \\S+ answers; .* cost 0\\.0\\d+ USD"));
            assertThat(simulator.chargedRequests()).isEqualTo(deployments.size());
            assertThat(simulator.billedUsd().doubleValue()).isLessThan(0.01);
        }
    }

    @Test
    void whatIsInTheWayIsNamedWithTheFix() throws Exception {
        assertThat(with("key-401=1"))
                .allMatch(finding -> finding.level() == Level.PROBLEM)
                .allMatch(finding -> finding.text().contains("status 401"))
                .allMatch(finding -> finding.text().contains("Check its API key"));
        assertThat(with("throttled=1"))
                .allMatch(finding -> finding.level() == Level.WARNING)
                .allMatch(finding -> finding.text().contains("has no room for calls now"));
        assertThat(with("status-502=1")).allMatch(finding -> finding.level() == Level.PROBLEM);
        assertThat(check(deployments(URI.create("http://127.0.0.1:1/v1"))))
                .isNotEmpty()
                .allMatch(finding -> finding.level() == Level.PROBLEM);
    }

    private List<Finding> with(String faults) throws Exception {
        SimulatorSettings faulty =
                SimulatorSettings.defaults().withFaults(FaultRates.parse(faults), 1);
        try (Simulator simulator = Simulator.start(faulty)) {
            List<Finding> findings = check(deployments(simulator.baseUrl()));
            assertThat(findings).isNotEmpty();
            return findings;
        }
    }

    private List<Finding> check(List<Deployment> deployments) throws Exception {
        return new LiveCheck(prices, InstantSource.system()).of(deployments);
    }

    private List<Deployment> deployments(URI baseUrl) {
        return Deployments.of(
                        Map.of(),
                        new ServicePlan.Knowledge(AnalysisCatalog.load(Optional.empty()), prices),
                        Environment.of(
                                Map.of(
                                        "OPENAI_BASE_URL",
                                        baseUrl.toString(),
                                        "OPENAI_API_KEY",
                                        "key")),
                        true)
                .values()
                .stream()
                .flatMap(List::stream)
                .toList();
    }
}
