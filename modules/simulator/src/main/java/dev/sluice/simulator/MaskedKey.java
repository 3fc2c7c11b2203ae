package dev.sluice.simulator;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Masks an API key for display: some of its characters and a hash that distinguishes keys. */
final class MaskedKey {
    private static final int MOST_SHOWN = 4;

    private MaskedKey() {}

    static String of(String key) {
        String shown = key.substring(0, Math.min(MOST_SHOWN, key.length() / 4));
        return shown + "…" + hash(key);
    }

    private static String hash(String key) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
