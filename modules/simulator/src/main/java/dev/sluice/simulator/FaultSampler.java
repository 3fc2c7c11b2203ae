package dev.sluice.simulator;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Draws repeatable random values for calls. A call's values depend on the seed, on its text and on
 * how often the same text came before, not on the order in which calls arrive.
 */
final class FaultSampler {
    private static final int REMEMBERED_BODIES = 100_000;

    private final long seed;
    private final Map<String, AtomicInteger> seen = new ConcurrentHashMap<>();

    FaultSampler(long seed) {
        this.seed = seed;
    }

    /** The random values of one call. */
    record Sample(String id, double fault, double latency) {}

    Sample next(String said) {
        byte[] body = sha256(said.getBytes(StandardCharsets.UTF_8));
        if (seen.size() >= REMEMBERED_BODIES) {
            seen.clear();
        }
        int occurrence =
                seen.computeIfAbsent(HexFormat.of().formatHex(body), key -> new AtomicInteger())
                        .getAndIncrement();
        byte[] sample =
                sha256(
                        ByteBuffer.allocate(body.length + Long.BYTES + Integer.BYTES)
                                .put(body)
                                .putLong(seed)
                                .putInt(occurrence)
                                .array());
        ByteBuffer numbers = ByteBuffer.wrap(sample);
        return new Sample(
                HexFormat.of().formatHex(sample, 16, 28),
                unit(numbers.getLong()),
                unit(numbers.getLong()));
    }

    private static double unit(long bits) {
        return (bits >>> 11) * 0x1.0p-53;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
