package dev.sluice.analysis.model;

/**
 * Whether a provider gives back tokens that it had estimated for a call and that it did not use.
 */
public enum RefundPolicy {
    /** Found out from the provider's answers, where these tell it. */
    UNKNOWN,
    NONE,
    REFUNDS
}
