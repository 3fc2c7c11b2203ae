package dev.sluice.analysis.model;

/** Why a model stopped writing. */
public enum FinishReason {
    STOP,
    LENGTH,
    CONTENT_FILTER,
    OTHER
}
