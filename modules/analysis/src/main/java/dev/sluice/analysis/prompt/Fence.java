package dev.sluice.analysis.prompt;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Delimiter line before and after the content in a prompt. It contains a hash of the content, so
 * the same content has the same fence. The author of the content cannot include the fence in it,
 * because that would change the hash.
 */
final class Fence {
    private Fence() {}

    static String around(String content) {
        for (int attempt = 0; ; attempt++) {
            String fence = "=====CONTENT-" + digest(attempt + ":" + content) + "=====";
            if (!content.contains(fence)) {
                return fence;
            }
        }
    }

    private static String digest(String text) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 10);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
