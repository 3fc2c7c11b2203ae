package dev.sluice.admission.canary;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.Canary;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/**
 * The comparison of a canary with the current version of its analysis. Another version, share or
 * unit makes another trial, which starts from nothing.
 */
public record Trial(AnalysisDefinition current, Canary canary) {
    /** Bits of a double's fraction, and the one before it. */
    private static final int PRECISION = 53;

    public String analysis() {
        return current.name();
    }

    /** Probability with which a request or user goes to the canary. */
    public double share() {
        return canary.percent() / 100.0;
    }

    /**
     * Identifies the trial, such as {@code seo/1f0c6d0a9b3e/77aa01c2d9f4/10-percent-by-request}.
     */
    public String id() {
        return "%s/%s/%s/%d-percent-by-%s"
                .formatted(
                        analysis(),
                        current.fingerprint(),
                        canary.definition().fingerprint(),
                        canary.percent(),
                        canary.unit().name().toLowerCase(Locale.ROOT));
    }

    /**
     * Whether a request goes to the canary. The choice never changes. It depends on the trial too,
     * so that it is not always the same users who try what is new.
     */
    boolean takes(String user, String requestId) {
        String unit = canary.unit() == Canary.Unit.USER ? user : user + "\0" + requestId;
        long bits = ByteBuffer.wrap(digest(id(), unit)).getLong();
        return (bits >>> (Long.SIZE - PRECISION)) * 0x1p-53 < share();
    }

    /**
     * A hash of a trial and of one of its requests or users.
     *
     * @param trial its id
     */
    static byte[] digest(String trial, String unit) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(trial.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            return sha.digest(unit.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
