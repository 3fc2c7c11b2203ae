package dev.sluice.analysis.model;

import java.util.regex.Pattern;

/**
 * What a provider reported about a call besides the answer; empty where it reported nothing.
 *
 * @param requestId the provider's own id of the request, from its header
 * @param servedModel the provider's name of the model that answered
 * @param serviceTier the tier the call was served at
 * @param region where the call was served, if that affects the price
 */
public record ReplyFacts(String requestId, String servedModel, String serviceTier, String region) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:/@-]{1,128}");

    public static final ReplyFacts NONE = new ReplyFacts("", "", "", "");

    /** Drops values that are not short plain names, because they end up in records and logs. */
    public ReplyFacts {
        requestId = name(requestId);
        servedModel = name(servedModel);
        serviceTier = name(serviceTier);
        region = name(region);
    }

    private static String name(String text) {
        return !text.isEmpty() && NAME.matcher(text).matches() ? text : "";
    }
}
