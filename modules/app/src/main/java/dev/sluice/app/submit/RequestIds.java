package dev.sluice.app.submit;

import dev.sluice.app.submit.source.Item;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;

/**
 * Gives items their requestIds. One that comes with its own id keeps it. Others get a hash of the
 * analysis, its version, the source and the content, so that the same submission twice is the same
 * requests, wherever its rows have moved.
 */
public final class RequestIds {
    /** Characters of an id in hexadecimal: 128 bits. */
    private static final int LENGTH = 32;

    private final String analysis;
    private final String version;
    private final boolean random;

    /**
     * How often each hash was met for a user: the same content twice in a source is two requests.
     */
    private final Map<String, Integer> met = new HashMap<>();

    /**
     * @param version fingerprint of the analysis
     * @param random whether each item gets an id that no other one has
     */
    RequestIds(String analysis, String version, boolean random) {
        this.analysis = analysis;
        this.version = version;
        this.random = random;
    }

    /**
     * The item's id.
     *
     * @param userId who pays; equal contents of several users are counted apart
     */
    String of(Item item, String userId) {
        if (item.id().isPresent()) {
            return item.id().get();
        }
        if (random) {
            return UUID.randomUUID().toString();
        }
        String first = hash(analysis, version, item.source(), item.content());
        int before = met.merge(userId + "\n" + first, 1, Integer::sum) - 1;
        return before == 0 ? first : hash(first, String.valueOf(before));
    }

    /** A hash of texts, no two lists of which are hashed alike. */
    public static String hash(String... texts) {
        MessageDigest digest = sha256();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, LENGTH);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
