package dev.sluice.admission.settle;

import dev.sluice.admission.ledger.DayBook;
import dev.sluice.admission.store.StoreKeys;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.Spend;
import dev.sluice.contract.Topics;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import java.time.InstantSource;
import java.time.LocalDate;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Publishes the daily spend of users: limit, spent, unconfirmed and reserved, in USD. */
public final class SpendPublisher {
    private final Topics topics;

    private final ConfluentAvroSerializer<Spend> serializer;
    private final Out out;
    private final InstantSource clock;

    /** The output; a null value deletes a published day. */
    public interface Out {
        void write(ProducerRecord<byte[], byte @Nullable []> record);
    }

    public SpendPublisher(
            Topics topics,
            ConfluentAvroSerializer<Spend> serializer,
            Out out,
            InstantSource clock) {
        this.topics = topics;
        this.serializer = serializer;
        this.out = out;
        this.clock = clock;
    }

    /**
     * Publishes a user's day.
     *
     * @param daily the user's budget for every day
     * @param book the day's book, also one that is about to be booked
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached: nothing was published
     */
    public void publish(String user, Cost daily, DayBook book) {
        Spend spend =
                Spend.newBuilder()
                        .setUserId(user)
                        .setDay(book.day())
                        .setLimitUsd(daily.plus(book.added()).min(Cost.MOST).usd())
                        .setSpentUsd(book.spent().usd())
                        .setUnconfirmedUsd(book.unconfirmed().usd())
                        .setReservedUsd(book.reserved().usd())
                        .setUpdatedAt(clock.instant())
                        .build();
        String topic = topics.spend();
        out.write(
                new ProducerRecord<>(
                        topic, key(user, book.day()), serializer.serialize(topic, spend)));
    }

    /** Deletes a published day. */
    public void forget(String user, LocalDate day) {
        out.write(new ProducerRecord<>(topics.spend(), key(user, day), null));
    }

    private static byte[] key(String user, LocalDate day) {
        return StoreKeys.utf8(day + "/" + user);
    }
}
