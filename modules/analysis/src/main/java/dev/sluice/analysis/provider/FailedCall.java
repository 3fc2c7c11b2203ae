package dev.sluice.analysis.provider;

import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.analysis.transport.AnswerTooLargeException;
import dev.sluice.analysis.transport.NotSentException;
import dev.sluice.analysis.transport.UnknownEncodingException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SSLException;

/** Replies of calls that got no answer, or an unreadable one. */
final class FailedCall {
    private FailedCall() {}

    /** The reply of a call without an answer. */
    static ModelReply reply(IOException failure) {
        ProviderReply row =
                switch (failure) {
                    case NotSentException unsent when isTls(unsent) -> ProviderReply.TLS_FAILURE;
                    case NotSentException _ -> ProviderReply.NOT_CONNECTED;
                    case AnswerTooLargeException _ -> ProviderReply.ANSWER_TOO_LARGE;
                    case UnknownEncodingException _ -> ProviderReply.UNKNOWN_ENCODING;
                    case SocketTimeoutException _ -> ProviderReply.READ_TIMEOUT;
                    default -> ProviderReply.CONNECTION_LOST;
                };
        Throwable cause = root(failure);
        return row.reply(
                OptionalInt.empty(),
                words(row) + ": " + cause.getClass().getSimpleName() + message(cause),
                Optional.empty());
    }

    /** The exception's message in brackets, unless it is a dump of the HTTP client's objects. */
    private static String message(Throwable cause) {
        String message = cause.getMessage();
        return message == null || message.contains("@") ? "" : " (" + message + ")";
    }

    /**
     * The reply of a call whose answer cannot be read; the answer is not quoted.
     *
     * @param usage tokens counted by the provider, if they can be read
     */
    static ModelReply unreadable(ProviderReply row, Optional<TokenUsage> usage) {
        return new ModelReply.Unavailable(OptionalInt.of(200), words(row), usage, Optional.empty());
    }

    private static String words(ProviderReply row) {
        return switch (row) {
            case NOT_CONNECTED -> "cannot connect";
            case TLS_FAILURE -> "no TLS session";
            case READ_TIMEOUT -> "no answer in time";
            case ANSWER_TOO_LARGE -> "the answer is too large";
            case UNKNOWN_ENCODING -> "the answer is compressed and cannot be read";
            case EMPTY_BODY -> "the answer is empty";
            case NOT_JSON -> "the answer is not JSON";
            case EVENT_STREAM -> "the answer is a stream of events";
            case UNKNOWN_JSON -> "the answer is not the provider's JSON";
            case FINISHED_IN_ERROR -> "the provider broke the answer off";
            default -> "no answer";
        };
    }

    private static boolean isTls(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return true;
            }
        }
        return false;
    }

    private static Throwable root(Throwable failure) {
        Throwable cause = failure;
        for (Throwable next = cause.getCause(); next != null; next = next.getCause()) {
            cause = next;
        }
        return cause;
    }
}
