package dev.sluice.bench.pipeline;

import dev.sluice.admission.AdmissionSettings;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.app.config.Deployments;
import dev.sluice.app.config.HttpSettings;
import dev.sluice.app.config.ServicePlan;
import dev.sluice.app.service.Service;
import dev.sluice.app.service.Tracing;
import dev.sluice.bench.measure.Contender;
import dev.sluice.worker.WorkerSettings;
import java.nio.file.Files;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs admission and worker in one process. */
public final class SluiceRun {
    /** No tracing. */
    static final String UNTRACED = "off";

    private SluiceRun() {}

    /**
     * Arguments: the output of {@link Surroundings}, the model's address, whether to use the
     * journal, jobs in flight, roles, the share of requests that are traced or {@link #UNTRACED}, a
     * name that no other process has. The model's server also takes the spans. Prints when it is
     * ready, and answers the commands of {@link dev.sluice.bench.measure.Contender}.
     */
    public static void main(String[] arguments) throws Exception {
        Installation installation = Installation.at(arguments[0], arguments[1]);
        var models = installation.models();
        System.setProperty("otel.exporter.otlp.endpoint", arguments[1]);
        System.setProperty("otel.traces.sampler", "traceidratio");
        System.setProperty("otel.traces.sampler.arg", arguments[5]);
        Tracing tracing = Tracing.start(!arguments[5].equals(UNTRACED));
        Service service =
                Service.start(
                        new ServicePlan(
                                roles(arguments[4]),
                                installation.connection(),
                                installation.knowledge(),
                                models,
                                AdmissionSettings.defaults(
                                                Files.createTempDirectory("bench-admission"),
                                                Deployments.modelIds(
                                                        models, installation.knowledge().prices()),
                                                UserLimits.of(Budgets.ofEach(1_000_000)))
                                        .withStandbys(0),
                                WorkerSettings.defaults(arguments[6], models.keySet())
                                        .withJournal(Boolean.parseBoolean(arguments[2]))
                                        .withMaxInFlight(Integer.parseInt(arguments[3]))
                                        .withMaxInFlightBytes(256L << 20),
                                HttpSettings.loopback(0)),
                        tracing.traces());
        while (!service.health().notReady().isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        Contender.serve();
    }

    private static Set<ServicePlan.Role> roles(String names) {
        return Stream.of(names.split(",", -1))
                .map(ServicePlan.Role::valueOf)
                .collect(Collectors.toUnmodifiableSet());
    }
}
