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

/** Tells what users' days look like. */
public final class SpendPublisher {
    /** The largest amount that can be told. */
    private final Topics topics;

    private final ConfluentAvroSerializer<Spend> serializer;
    private final Out out;
    private final InstantSource clock;

    /** Where it goes; a null value takes back what was told. */
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
     * Tells a user's day as it is, or is about to be.
     *
     * @param daily what the user may spend in any day
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached: nothing was told
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

    /** Takes back what was told of a day. */
    public void forget(String user, LocalDate day) {
        out.write(new ProducerRecord<>(topics.spend(), key(user, day), null));
    }

    private static byte[] key(String user, LocalDate day) {
        return StoreKeys.utf8(day + "/" + user);
    }
}
