package dev.sluice.app.config;

import dev.sluice.admission.AdmissionSettings;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Secret;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.ServicePlan;
import dev.sluice.app.ServicePlan.HttpAddress;
import dev.sluice.app.ServicePlan.Knowledge;
import dev.sluice.app.ServicePlan.Role;
import dev.sluice.contract.Topics;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.worker.WorkerSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Turns a configuration into the plan of a service. */
public final class Plans {
    private static final URI OPENAI = URI.create("https://api.openai.com/v1");

    private Plans() {}

    /**
     * The plan of a service.
     *
     * @throws InvalidConfigException with everything that is missing or does not fit together
     */
    public static ServicePlan plan(SluiceConfig config, Set<Role> roles, Secrets secrets) {
        Knowledge knowledge = knowledge(config);
        Map<String, List<Deployment>> models =
                models(config, knowledge.analyses(), secrets, roles.contains(Role.WORKER));
        return new ServicePlan(
                roles,
                kafka(config),
                knowledge,
                models,
                new AdmissionSettings(
                        config.admission().stateDir(),
                        config.admission().threads(),
                        config.admission().standbys(),
                        modelIds(models),
                        Duration.ofSeconds(1)),
                new WorkerSettings(
                        config.topics().prefix()
                                + "worker-"
                                + config.worker()
                                        .slot()
                                        .orElseGet(() -> UUID.randomUUID().toString()),
                        models.keySet(),
                        config.worker().maxInFlight(),
                        config.worker().commitInterval(),
                        config.worker().maxOutcomes(),
                        config.worker().releaseTimeout(),
                        config.worker().grace()),
                new HttpAddress(config.http().host(), config.http().port()));
    }

    /** Brokers and registry. */
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

    /** Analyses and prices. */
    public static Knowledge knowledge(SluiceConfig config) {
        PriceTable prices =
                config.prices().file().map(Plans::prices).orElseGet(PriceTable::shipped);
        return new Knowledge(AnalysisCatalog.load(config.analyses().dir()), prices);
    }

    /** The provider's ids of each model. */
    public static Map<String, List<String>> modelIds(Map<String, List<Deployment>> models) {
        return models.entrySet().stream()
                .collect(
                        Collectors.toMap(
                                Map.Entry::getKey,
                                entry ->
                                        entry.getValue().stream()
                                                .map(Deployment::modelId)
                                                .distinct()
                                                .toList()));
    }

    /** Deployments of every model that an analysis uses, and of those configured besides. */
    public static Map<String, List<Deployment>> models(
            SluiceConfig config, AnalysisCatalog analyses, Secrets secrets, boolean keysNeeded) {
        Map<String, List<Deployment>> models = new TreeMap<>();
        List<String> problems = new ArrayList<>();
        Set<String> names = new TreeSet<>(config.models().keySet());
        names.addAll(usedModels(analyses));
        Optional<Secret> openAiKey = secrets.find(Secrets.OPENAI_API_KEY);
        for (String name : names) {
            SluiceConfig.Model model = config.models().get(name);
            if (model == null) {
                Optional<Secret> key = keyOr(openAiKey, keysNeeded, "models." + name, problems);
                key.ifPresent(found -> models.put(name, List.of(implied(name, found))));
                continue;
            }
            List<Deployment> deployments = new ArrayList<>();
            int number = 0;
            for (SluiceConfig.Deployment deployment : model.deployments()) {
                String place = "models." + name + ".deployments[" + number++ + "]";
                Optional<Secret> configured = deployment.apiKey().map(Secret::new);
                keyOr(configured.or(() -> openAiKey), keysNeeded, place, problems)
                        .ifPresent(key ->
                                deployments.add(
                                        deployment(name, deployments.size(), deployment, key)));
            }
            models.put(name, List.copyOf(deployments));
        }
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(problems);
        }
        return models;
    }

    private static Set<String> usedModels(AnalysisCatalog analyses) {
        return analyses.all().stream()
                .map(AnalysisDefinition::models)
                .flatMap(choice ->
                        Stream.concat(Stream.of(choice.model()), choice.fallbacks().stream()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A process that makes no calls needs no keys. */
    private static Optional<Secret> keyOr(
            Optional<Secret> key, boolean needed, String place, List<String> problems) {
        if (key.isEmpty() && needed) {
            problems.add(
                    place
                            + " has no API key: set api-key there, or OPENAI_API_KEY in the"
                            + " environment or .env");
        }
        return needed ? key : Optional.of(key.orElse(new Secret("")));
    }

    private static Deployment implied(String model, Secret key) {
        return new Deployment(
                model, "openai", "openai", model, OPENAI, key, 500, Duration.ofMinutes(2));
    }

    private static Deployment deployment(
            String model, int number, SluiceConfig.Deployment deployment, Secret key) {
        return new Deployment(
                model,
                deployment.provider() + "-" + number,
                deployment.provider(),
                deployment.modelId().orElse(model),
                deployment.baseUrl(),
                key,
                deployment.requestsPerMinute(),
                deployment.timeout());
    }

    private static PriceTable prices(Path file) {
        try {
            return PriceTable.parse(Files.readString(file));
        } catch (IOException e) {
            throw new InvalidConfigException(
                    List.of("prices.file cannot be read: " + file + ": " + e));
        } catch (IllegalArgumentException e) {
            throw new InvalidConfigException(
                    List.of("prices.file " + file + ": " + e.getMessage()));
        }
    }
}
