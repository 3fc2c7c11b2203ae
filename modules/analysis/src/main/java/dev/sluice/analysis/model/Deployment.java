package dev.sluice.analysis.model;

/**
 * One endpoint at which a model can be called, with its limits and traits.
 *
 * @param model name of the model in the configuration; several deployments may share it
 * @param name unique among the deployments of the model
 * @param modelId the model's id in the price table
 * @param limits the provider's rate limits for this deployment
 */
public record Deployment(
        String model,
        String name,
        String modelId,
        ModelTraits traits,
        Endpoint endpoint,
        ProviderLimits limits) {

    public Deployment with(ProviderLimits other) {
        return new Deployment(model, name, modelId, traits, endpoint, other);
    }

    /**
     * Id of the price of its calls: the model's id, followed by the tier's name if it is not
     * standard.
     */
    public String priceId() {
        return endpoint.serviceTier()
                .filter(tier -> !tier.isStandard())
                .map(tier -> modelId + "/" + tier.name())
                .orElse(modelId);
    }

    /** Unique among all deployments. */
    public String id() {
        return model + "/" + name;
    }
}
