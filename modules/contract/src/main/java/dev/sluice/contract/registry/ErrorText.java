package dev.sluice.contract.registry;

import java.net.ConnectException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why a connection failed, in words that name what to change. */
final class ErrorText {
    private static final int MOST = 1_000;

    private ErrorText() {}

    static String of(Throwable failure) {
        Throwable tls = find(failure, SSLException.class);
        if (tls != null) {
            String message = deepest(tls);
            return message.contains("certification path") || message.contains("trust anchor")
                    ? "its certificate is not trusted ("
                            + RegistryTls.PREFIX
                            + "truststore.*): "
                            + message
                    : "TLS failed (" + RegistryTls.PREFIX + "*): " + message;
        }
        return deepest(failure);
    }

    /** Text of a server as it may stand in a message: short, and on one line. */
    static String printable(String text) {
        String cleaned = text.replaceAll("\\p{Cntrl}+", " ");
        String cut = cleaned.length() > MOST ? cleaned.substring(0, MOST) + "…" : cleaned;
        return cut.isBlank() ? "no reason given" : cut;
    }

    private static @Nullable Throwable find(Throwable failure, Class<?> type) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (type.isInstance(at)) {
                return at;
            }
        }
        return null;
    }

    /** The message of the deepest cause that has one. */
    private static String deepest(Throwable failure) {
        String words =
                find(failure, UnresolvedAddressException.class) != null
                        ? "the host name is unknown"
                        : failure instanceof ConnectException
                                ? "nothing accepts connections there"
                                : failure.getClass().getSimpleName();
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at.getMessage() != null) {
                words = at.getMessage();
            }
        }
        return words;
    }
}
