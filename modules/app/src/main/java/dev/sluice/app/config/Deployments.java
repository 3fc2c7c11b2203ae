package dev.sluice.app.config;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Endpoint;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.model.ModelTraits.StructuredOutput;
import dev.sluice.analysis.model.Provider;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.RefundPolicy;
import dev.sluice.analysis.model.Secret;
import dev.sluice.analysis.model.ServiceTier;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.config.ServicePlan.Knowledge;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The deployments of every model. A model without configured deployments gets one at the provider
 * that the price table names. Keys and addresses that are not configured come from the environment
 * variables that the providers' SDKs read.
 */
public final class Deployments {
    private static final Pattern SENDABLE = Pattern.compile("[!-~]+");
    private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(2);

    /** Placeholder for an address that is not valid; the problem is reported. */
    private static final URI UNKNOWN = URI.create("https://invalid");

    private final Environment environment;
    private final PriceTable prices;
    private final Set<String> called;
    private final List<String> problems = new ArrayList<>();

    /**
     * @param called models that are called and so need an API key
     */
    private Deployments(Environment environment, PriceTable prices, Set<String> called) {
        this.environment = environment;
        this.prices = prices;
        this.called = Set.copyOf(called);
    }

    /**
     * Deployments by model, the preferred one first: of the configured models and of those that
     * analyses use.
     *
     * @param keysNeeded whether calls will be made; models that no analysis uses need no key even
     *     then
     * @throws InvalidConfigException with all missing and invalid settings
     */
    public static Map<String, List<Deployment>> of(
            Map<String, SluiceConfig.Model> configured,
            Knowledge knowledge,
            Environment environment,
            boolean keysNeeded) {
        Set<String> used = usedModels(knowledge.analyses());
        Set<String> names = new TreeSet<>(configured.keySet());
        names.addAll(used);
        return of(names, configured, knowledge, environment, keysNeeded ? used : Set.of());
    }

    /** Deployments of these models only, which will be called. */
    public static Map<String, List<Deployment>> of(
            Set<String> names,
            Map<String, SluiceConfig.Model> configured,
            Knowledge knowledge,
            Environment environment) {
        return of(names, configured, knowledge, environment, names);
    }

    /** The same, which need no keys, because nothing is sent to them. */
    public static Map<String, List<Deployment>> uncalled(
            Set<String> names,
            Map<String, SluiceConfig.Model> configured,
            Knowledge knowledge,
            Environment environment) {
        return of(names, configured, knowledge, environment, Set.of());
    }

    private static Map<String, List<Deployment>> of(
            Set<String> names,
            Map<String, SluiceConfig.Model> configured,
            Knowledge knowledge,
            Environment environment,
            Set<String> called) {
        Deployments deployments = new Deployments(environment, knowledge.prices(), called);
        Map<String, List<Deployment>> models = new TreeMap<>();
        for (String name : names) {
            SluiceConfig.Model model = configured.get(name);
            models.put(
                    name,
                    model == null ? deployments.implied(name) : deployments.explicit(name, model));
        }
        if (!deployments.problems.isEmpty()) {
            throw new InvalidConfigException(deployments.problems);
        }
        return models;
    }

    /**
     * The price table ids of each model's deployments. A deployment with a service tier other than
     * the standard one has the ids of both tiers, because a provider may serve a call at the
     * standard tier. Tiers and regions of a model are included if the table has prices for them
     * ({@code gpt-5/priority}).
     */
    public static Map<String, List<String>> modelIds(
            Map<String, List<Deployment>> models, PriceTable prices) {
        return models.entrySet().stream()
                .collect(
                        Collectors.toMap(
                                Map.Entry::getKey,
                                entry ->
                                        entry.getValue().stream()
                                                .flatMap(place -> priceIds(place, prices))
                                                .distinct()
                                                .toList()));
    }

    private static Stream<String> priceIds(Deployment place, PriceTable prices) {
        return Stream.concat(
                Stream.of(place.priceId(), place.modelId()),
                prices.rows().stream()
                        .map(row -> row.price().modelId())
                        .filter(id -> id.startsWith(place.modelId() + "/"))
                        .filter(id -> prices.find(id, LocalDate.now(ZoneOffset.UTC)).isPresent()));
    }

    private static Set<String> usedModels(AnalysisCatalog analyses) {
        return analyses.versions().stream()
                .flatMap(definition -> definition.models().all().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private List<Deployment> implied(String model) {
        Provider provider =
                prices.provider(model).flatMap(Provider::labelled).orElse(Provider.OPENAI);
        URI address = defaultAddress(provider, "models." + model);
        Endpoint endpoint =
                new Endpoint(
                        provider,
                        address,
                        key(model, provider, Optional.empty(), "models." + model),
                        model,
                        DEFAULT_TIMEOUT,
                        standardTier(provider, address),
                        "");
        return List.of(
                new Deployment(
                        model,
                        provider.label(),
                        model,
                        ModelTraits.of(model),
                        endpoint,
                        limits(Map.of(), Optional.empty(), provider)));
    }

    private List<Deployment> explicit(String name, SluiceConfig.Model model) {
        List<Deployment> deployments = new ArrayList<>();
        for (SluiceConfig.Deployment deployment : model.deployments()) {
            String place = "models." + name + ".deployments[" + deployments.size() + "]";
            deployments.add(explicit(name, deployments.size(), deployment, place));
        }
        return List.copyOf(deployments);
    }

    private Deployment explicit(
            String model, int number, SluiceConfig.Deployment deployment, String place) {
        String modelId = deployment.modelId().orElse(model);
        Provider provider = provider(deployment, modelId, place);
        URI address = address(deployment, provider, place);
        Endpoint endpoint =
                new Endpoint(
                        provider,
                        address,
                        key(model, provider, deployment.apiKey(), place),
                        deployment.sentAs().orElse(modelId),
                        deployment.timeout(),
                        tier(deployment, provider, address, place),
                        keyAlias(deployment, place));
        return new Deployment(
                model,
                provider.label() + "-" + number,
                modelId,
                traits(deployment, modelId, place),
                endpoint,
                ceiling(
                        limits(configured(deployment), deployment.refundsUnusedTokens(), provider),
                        deployment.maxCallsPerSecond()));
    }

    private static ProviderLimits ceiling(ProviderLimits limits, OptionalDouble said) {
        return said.isPresent() ? limits.withMaxCallsPerSecond(said.getAsDouble()) : limits;
    }

    private Optional<ServiceTier> tier(
            SluiceConfig.Deployment deployment, Provider provider, URI address, String place) {
        Optional<String> said = deployment.serviceTier();
        if (said.isEmpty()) {
            return standardTier(provider, address);
        }
        if (said.get().equals("none")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ServiceTier(said.get()));
        } catch (IllegalArgumentException e) {
            problems.add(place + ".service-tier: " + e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * The standard tier, if the server knows the parameter. The providers do; compatible servers
     * may not.
     */
    private static Optional<ServiceTier> standardTier(Provider provider, URI address) {
        String host = String.valueOf(address.getHost());
        return switch (provider) {
            case OPENAI ->
                    host.equals("api.openai.com")
                            ? Optional.of(ServiceTier.OPENAI_STANDARD)
                            : Optional.empty();
            case ANTHROPIC ->
                    host.equals("api.anthropic.com")
                            ? Optional.of(ServiceTier.ANTHROPIC_STANDARD)
                            : Optional.empty();
            case AZURE -> Optional.empty();
        };
    }

    private String keyAlias(SluiceConfig.Deployment deployment, String place) {
        String alias = deployment.keyAlias().orElse("");
        if (!alias.matches("[A-Za-z0-9_.-]{0,64}")) {
            problems.add(
                    place
                            + ".key-alias must be a name of up to 64 letters, digits, '_', '.' and"
                            + " '-'");
            return "";
        }
        return alias;
    }

    private static Map<Limit, Long> configured(SluiceConfig.Deployment deployment) {
        Map<Limit, Long> limits = new EnumMap<>(Limit.class);
        for (Limit limit : Limit.values()) {
            OptionalLong said =
                    switch (limit) {
                        case REQUESTS -> deployment.requestsPerMinute();
                        case TOKENS -> deployment.tokensPerMinute();
                        case INPUT_TOKENS -> deployment.inputTokensPerMinute();
                        case OUTPUT_TOKENS -> deployment.outputTokensPerMinute();
                    };
            if (said.isPresent()) {
                limits.put(limit, said.getAsLong());
            }
        }
        return limits;
    }

    private static ProviderLimits limits(
            Map<Limit, Long> configured, Optional<Boolean> refundsUnusedTokens, Provider provider) {
        return new ProviderLimits(
                configured,
                1,
                refundsUnusedTokens
                        .map(refunds -> refunds ? RefundPolicy.REFUNDS : RefundPolicy.NONE)
                        .orElse(provider.refunds()),
                Optional.empty());
    }

    private Provider provider(SluiceConfig.Deployment deployment, String modelId, String place) {
        Optional<String> said = deployment.provider();
        if (said.isEmpty()) {
            return prices.provider(modelId).flatMap(Provider::labelled).orElse(Provider.OPENAI);
        }
        Optional<Provider> provider = Provider.labelled(said.get());
        if (provider.isEmpty()) {
            problems.add(
                    place
                            + ".provider must be one of "
                            + Provider.labels()
                            + ", was '"
                            + said.get()
                            + "'; a server that speaks OpenAI's chat completions is openai with"
                            + " a base-url");
        }
        return provider.orElse(Provider.OPENAI);
    }

    private ModelTraits traits(SluiceConfig.Deployment deployment, String modelId, String place) {
        ModelTraits own = ModelTraits.of(modelId);
        if (deployment.structuredOutput().isEmpty()) {
            return own;
        }
        String said = deployment.structuredOutput().get();
        try {
            return own.with(
                    StructuredOutput.valueOf(said.replace('-', '_').toUpperCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            problems.add(
                    place
                            + ".structured-output must be one of "
                            + Arrays.stream(StructuredOutput.values())
                                    .map(value ->
                                            value.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                                    .collect(Collectors.joining(", "))
                            + ", was '"
                            + said
                            + "'");
            return own;
        }
    }

    private URI address(SluiceConfig.Deployment deployment, Provider provider, String place) {
        Optional<String> said = deployment.baseUrl().filter(url -> !url.isBlank());
        return said.map(url -> address(place + ".base-url", url, provider))
                .orElseGet(() -> defaultAddress(provider, place));
    }

    private URI address(String key, String url, Provider provider) {
        try {
            return BaseUrl.of(url, provider);
        } catch (IllegalArgumentException e) {
            problems.add(key + " " + e.getMessage());
            return UNKNOWN;
        }
    }

    private URI defaultAddress(Provider provider, String place) {
        if (provider.baseUrlVariable().isEmpty()) {
            problems.add(
                    place
                            + ".base-url is missing: "
                            + provider.label()
                            + " has one for each resource, such as "
                            + provider.baseUrl());
            return UNKNOWN;
        }
        String variable = provider.baseUrlVariable().get();
        return address(variable, environment.text(variable).orElse(provider.baseUrl()), provider);
    }

    /** The API key; empty for a model that is not called. */
    private Secret key(String model, Provider provider, Optional<String> configured, String place) {
        String variable = provider.keyVariable();
        Optional<Secret> key =
                configured
                        .map(String::strip)
                        .filter(value -> !value.isEmpty())
                        .map(Secret::new)
                        .or(() -> environment.secret(variable));
        if (key.isEmpty() && called.contains(model)) {
            problems.add(
                    place
                            + " has no API key: set api-key there, or "
                            + variable
                            + " in the environment or .env");
        }
        if (key.filter(found -> !SENDABLE.matcher(found.value()).matches()).isPresent()) {
            problems.add(
                    place
                            + " has an API key with characters that cannot be sent, such as line"
                            + " ends or invisible characters: paste it again");
        }
        return key.orElse(new Secret(""));
    }
}
