package dev.sluice.analysis.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import dev.sluice.analysis.transport.AnswerTooLargeException;
import dev.sluice.analysis.transport.NotSentException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Tells from an SDK's exception how a call ended that got no answer with a status of its own. */
final class TransportFailure {
    private TransportFailure() {}

    /** The reply of such a call. */
    static ModelReply reply(Throwable failure) {
        ProviderReply row = row(failure);
        OptionalInt status =
                switch (row) {
                    case EMPTY_BODY, NOT_JSON, UNKNOWN_JSON -> OptionalInt.of(200);
                    default -> OptionalInt.empty();
                };
        return row.reply(status, words(row) + ": " + rootCause(failure), Optional.empty());
    }

    /** What an answer says, or that it cannot be read: never an exception. */
    static ModelReply unlessUnreadable(Reading reading) throws InterruptedException {
        try {
            return reading.read();
        } catch (RuntimeException e) {
            throwIfInterrupted();
            return reply(e);
        }
    }

    /** Makes a reply of an answer. */
    interface Reading {
        ModelReply read();
    }

    /** The interrupt that ended the call, if one did. */
    static void throwIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the call was cancelled");
        }
    }

    private static ProviderReply row(Throwable failure) {
        if (has(NotSentException.class, failure)) {
            return has(SSLException.class, failure)
                    ? ProviderReply.TLS_FAILURE
                    : ProviderReply.NOT_CONNECTED;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case AnswerTooLargeException _ -> {
                    return ProviderReply.ANSWER_TOO_LARGE;
                }
                case SocketTimeoutException _ -> {
                    return ProviderReply.READ_TIMEOUT;
                }
                case JsonMappingException mapping when isEmpty(mapping) -> {
                    return ProviderReply.EMPTY_BODY;
                }
                case JsonMappingException mapping when mapping.getCause() == null -> {
                    return ProviderReply.UNKNOWN_JSON;
                }
                case JsonMappingException _ -> {}
                case JsonProcessingException _ -> {
                    return ProviderReply.NOT_JSON;
                }
                case IOException _ -> {
                    return ProviderReply.CONNECTION_LOST;
                }
                default -> {}
            }
        }
        return ProviderReply.UNKNOWN_JSON;
    }

    private static boolean has(Class<? extends IOException> kind, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String words(ProviderReply row) {
        return switch (row) {
            case NOT_CONNECTED -> "cannot connect";
            case TLS_FAILURE -> "no TLS session";
            case READ_TIMEOUT -> "no answer in time";
            case ANSWER_TOO_LARGE -> "the answer is too large";
            case EMPTY_BODY -> "the answer is empty";
            case NOT_JSON -> "the answer is no JSON";
            case UNKNOWN_JSON -> "the answer is not the provider's JSON";
            default -> "no answer";
        };
    }

    private static boolean isEmpty(JsonMappingException mapping) {
        return String.valueOf(mapping.getOriginalMessage()).startsWith("No content");
    }

    /** JSON problems keep their words to themselves: they may quote the answer. */
    private static String rootCause(Throwable failure) {
        Throwable cause = root(failure);
        @Nullable String message = cause.getMessage();
        boolean quotes =
                message == null
                        || !(cause instanceof IOException)
                        || cause instanceof JsonProcessingException;
        return cause.getClass().getSimpleName() + (quotes ? "" : " (" + message + ")");
    }

    private static Throwable root(Throwable failure) {
        Throwable cause = failure;
        for (Throwable next = cause.getCause(); next != null; next = next.getCause()) {
            cause = next;
        }
        return cause;
    }
}
