package dev.sluice.analysis.model;

/**
 * One place where a model can be called.
 *
 * @param model name of the model in the configuration; several deployments may share it
 * @param name unique among the deployments of the model
 * @param modelId the model's id in the price table
 * @param limits the provider's for this deployment
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

    /** What its calls are priced as: the model's id, and the tier's name if it is not standard. */
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
