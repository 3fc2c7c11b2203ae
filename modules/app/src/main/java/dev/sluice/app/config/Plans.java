package dev.sluice.app.config;

import dev.sluice.admission.AdmissionSettings;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.analysis.compute.ComputeLimits;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.PriceFile;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.config.ServicePlan.Knowledge;
import dev.sluice.app.config.ServicePlan.Role;
import dev.sluice.contract.Topics;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicPlan;
import dev.sluice.runtime.outcome.DeadLetterContent;
import dev.sluice.runtime.result.ResultTypes;
import dev.sluice.worker.WorkerSettings;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/** Builds the plan of a service from its configuration. */
public final class Plans {
    private Plans() {}

    /**
     * The plan of a service.
     *
     * @throws InvalidConfigException with all settings that are missing or do not fit together
     */
    public static ServicePlan plan(SluiceConfig config, Set<Role> roles, Environment environment) {
        Knowledge knowledge = knowledge(config);
        Map<String, List<Deployment>> models =
                ownPart(
                        Deployments.of(
                                config.models(),
                                knowledge,
                                environment,
                                roles.contains(Role.WORKER)),
                        config.quota().fraction());
        return new ServicePlan(
                roles,
                kafka(config),
                knowledge,
                models,
                new AdmissionSettings(
                        config.admission().stateDir(),
                        config.admission().threads(),
                        config.admission().standbys(),
                        config.admission().commitInterval(),
                        Deployments.modelIds(models, knowledge.prices()),
                        new UserLimits(
                                budgets(config),
                                ceilings(config.budgets(), knowledge),
                                rates(config.rates()),
                                config.admission().maxWaiting(),
                                config.admission().maxInteractive()),
                        config.admission().maxSharedBytes(),
                        Duration.ofSeconds(1),
                        deadLetters(config)),
                new WorkerSettings(
                        config.topics().prefix()
                                + "worker-"
                                + config.worker()
                                        .slot()
                                        .orElseGet(() -> UUID.randomUUID().toString()),
                        config.worker().journal(),
                        models.keySet(),
                        config.worker().maxInFlight(),
                        config.worker().maxInFlightBytes(),
                        config.worker().commitInterval(),
                        config.worker().maxOutcomes(),
                        config.worker().releaseTimeout(),
                        config.worker().cleanupInterval(),
                        config.worker().grace(),
                        deadLetters(config)),
                compute(config),
                HttpSettings.of(config.http()));
    }

    private static DeadLetterContent deadLetters(SluiceConfig config) {
        return new DeadLetterContent(
                config.deadLetters().rawAnswers(), config.deadLetters().original());
    }

    /** Threads and time limit for preparing content and judging answers. */
    public static ComputeLimits compute(SluiceConfig config) {
        return new ComputeLimits(
                config.worker().computeThreads().orElseGet(ComputeLimits::defaultThreads),
                config.worker().computeTimeout());
    }

    /** The users' budgets, as far as the configuration sets them. */
    public static Budgets budgets(SluiceConfig config) {
        SluiceConfig.Budgets budgets = config.budgets();
        return new Budgets(
                new Cost(budgets.dailyUsd()), costs(budgets.users()), budgets.timeZone());
    }

    private static Map<String, Cost> costs(Map<String, BigDecimal> amounts) {
        Map<String, Cost> costs = new HashMap<>();
        amounts.forEach((name, usd) -> costs.put(name, new Cost(usd)));
        return costs;
    }

    private static Ceilings ceilings(SluiceConfig.Budgets config, Knowledge knowledge) {
        List<String> problems =
                config.analyses().keySet().stream()
                        .filter(name -> knowledge.analyses().find(name).isEmpty())
                        .map(name ->
                                "budgets.analyses."
                                        + name
                                        + ": there is no such analysis, or analyses.enabled leaves"
                                        + " it out")
                        .toList();
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
        return new Ceilings(config.allUsersDailyUsd().map(Cost::new), costs(config.analyses()));
    }

    private static Rates rates(SluiceConfig.Rates config) {
        return new Rates(config.requestsPerHour(), config.users());
    }

    /** The deployments, with the limits reduced to this installation's share. */
    private static Map<String, List<Deployment>> ownPart(
            Map<String, List<Deployment>> models, double fraction) {
        Map<String, List<Deployment>> own = new TreeMap<>();
        models.forEach((name, places) ->
                own.put(
                        name,
                        places.stream()
                                .map(place -> place.with(place.limits().withFraction(fraction)))
                                .toList()));
        return own;
    }

    /** The connection to the brokers and the schema registry. */
    public static KafkaConnection kafka(SluiceConfig config) {
        List<String> problems = new ArrayList<>();
        if (!config.kafka().containsKey("bootstrap.servers")) {
            problems.add(
                    "kafka.bootstrap.servers is missing: set it in sluice.yaml or"
                            + " SLUICE_KAFKA_BOOTSTRAP_SERVERS");
        }
        if (!config.schemaRegistry().containsKey("schema.registry.url")) {
            problems.add(
                    "schema-registry.schema.registry.url is missing: set it in sluice.yaml or"
                            + " SLUICE_SCHEMA_REGISTRY_SCHEMA_REGISTRY_URL");
        }
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
        return new KafkaConnection(
                Map.copyOf(config.kafka()),
                Map.copyOf(config.schemaRegistry()),
                new Topics(config.topics().prefix()),
                config.topics().maxRequestBytes());
    }

    /** The same connection with shorter timeouts, for commands. */
    public static KafkaConnection kafkaForCommand(SluiceConfig config) {
        return kafka(config).withShortTimeouts();
    }

    /**
     * The analyses and prices.
     *
     * @throws dev.sluice.analysis.definition.InvalidDefinitionsException if an analysis is not
     *     valid, or its results cannot be records
     */
    public static Knowledge knowledge(SluiceConfig config) {
        PriceTable shipped = PriceTable.shipped();
        PriceTable prices =
                config.prices().file().map(Plans::prices).map(shipped::with).orElse(shipped);
        AnalysisCatalog analyses = Canaries.with(config.analyses(), analyses(config.analyses()));
        ResultTypes.require(analyses);
        return new Knowledge(analyses, prices);
    }

    /** The topics that an installation of this configuration has. */
    public static TopicPlan topics(
            SluiceConfig config, KafkaConnection connection, Knowledge knowledge) {
        return new TopicPlan(
                connection,
                knowledge.analyses().all().stream().map(AnalysisDefinition::name).toList(),
                Deployments.of(config.models(), knowledge, Environment.load(), false).keySet(),
                config.topics().partitions(),
                config.topics().replicas(),
                config.topics().compression());
    }

    private static AnalysisCatalog analyses(SluiceConfig.Analyses config) {
        if (config.enabled().isEmpty()) {
            return AnalysisCatalog.load(config.dir());
        }
        Set<String> enabled =
                config.enabled().get().stream().map(String::strip).collect(Collectors.toSet());
        Set<String> known = AnalysisCatalog.names(config.dir());
        List<String> problems =
                enabled.stream()
                        .filter(name -> !known.contains(name))
                        .sorted()
                        .map(name ->
                                "analyses.enabled: there is no analysis "
                                        + name
                                        + Suggestions.nearest(name, known)
                                                .map(near -> "; did you mean " + near + "?")
                                                .orElse("; there are " + String.join(", ", known)))
                        .toList();
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
        return AnalysisCatalog.load(config.dir(), enabled::contains);
    }

    private static PriceTable prices(Path file) {
        try {
            return PriceFile.parse(Files.readString(file));
        } catch (IOException e) {
            throw new InvalidConfigException(
                    List.of(
                            "prices.file cannot be read: "
                                    + (e instanceof NoSuchFileException
                                            ? "there is no " + file.toAbsolutePath()
                                            : e.getMessage())));
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigException(
                    List.of("prices.file " + file + ": " + e.getMessage()));
        }
    }
}
