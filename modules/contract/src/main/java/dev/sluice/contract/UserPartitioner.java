package dev.sluice.contract;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/**
 * The owner partition of each user, whose admission task keeps the user's account: the partition
 * that Kafka's default partitioner gives the user's id. Settlements are keyed by user and arrive
 * there; requests are forwarded there.
 *
 * @param partitions number of partitions of the settlements topic, fixed at installation
 */
public record UserPartitioner(int partitions) {
    public UserPartitioner {
        if (partitions < 1) {
            throw new IllegalArgumentException("partitions must be at least 1, was " + partitions);
        }
    }

    /** The owner partition of a user. */
    public int of(CharSequence userId) {
        return of(userId.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The owner partition of a user, from the UTF-8 bytes of the id. */
    public int of(byte[] userId) {
        return Utils.toPositive(Utils.murmur2(userId)) % partitions;
    }
}
