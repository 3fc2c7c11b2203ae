package dev.sluice.analysis.model;

/**
 * What a provider said of a call besides the answer; empty where it said nothing.
 *
 * @param requestId the provider's own id of the request, from its header
 * @param servedModel the model as the provider names it
 * @param serviceTier the tier the call was served at
 * @param region where it was served, if that has a price of its own
 */
public record ReplyFacts(String requestId, String servedModel, String serviceTier, String region) {
    public static final ReplyFacts NONE = new ReplyFacts("", "", "", "");

    /** Texts of a provider end up in records and logs: longer or stranger ones are left out. */
    public ReplyFacts {
        requestId = name(requestId);
        servedModel = name(servedModel);
        serviceTier = name(serviceTier);
        region = name(region);
    }

    private static String name(String text) {
        return text.matches("[A-Za-z0-9_.:/@-]{1,128}") ? text : "";
    }
}
