package dev.sluice.app.http;

import dev.sluice.admission.AdmissionSettings;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.app.console.LetterDesk;
import dev.sluice.contract.Topics;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.worker.WorkerSettings;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A desk of dead letters without brokers, for endpoints that are not asked about any. */
final class UnusedDesk {
    private UnusedDesk() {}

    static LetterDesk open() {
        return new LetterDesk(
                new ServicePlan(
                        Set.of(),
                        new KafkaConnection(Map.of(), Map.of(), new Topics("t."), 1 << 20),
                        new ServicePlan.Knowledge(
                                AnalysisCatalog.load(Optional.empty()), PriceTable.shipped()),
                        Map.of(),
                        AdmissionSettings.defaults(
                                Path.of("none"), Map.of(), UserLimits.of(Budgets.ofEach(1))),
                        WorkerSettings.defaults("none", Set.of()),
                        HttpSettings.loopback(0)),
                InstantSource.system());
    }
}
