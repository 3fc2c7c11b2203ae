package dev.sluice.contract;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Utils;

/**
 * Which task keeps a user's books: the one of the partition that Kafka's own partitioner gives the
 * user's id. Settlements come keyed by user and so are there; requests are brought there.
 *
 * @param partitions of the settlements topic, fixed at installation
 */
public record UserPartitioner(int partitions) {
    public UserPartitioner {
        if (partitions < 1) {
            throw new IllegalArgumentException("there is at least one partition");
        }
    }

    public int of(CharSequence userId) {
        return of(userId.toString().getBytes(StandardCharsets.UTF_8));
    }

    public int of(byte[] userId) {
        return Utils.toPositive(Utils.murmur2(userId)) % partitions;
    }
}
