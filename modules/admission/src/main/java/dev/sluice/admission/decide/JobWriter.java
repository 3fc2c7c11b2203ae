package dev.sluice.admission.decide;

import dev.sluice.admission.check.Decision;
import dev.sluice.admission.check.SoundRequest;
import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.AnalysisJob;
import dev.sluice.contract.Lane;
import dev.sluice.contract.Reservation;
import dev.sluice.contract.Topics;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes the jobs of requests that pass. */
public final class JobWriter {
    private final Topics topics;
    private final ConfluentAvroSerializer<Object> serializer;
    private final InstantSource clock;

    public JobWriter(
            Topics topics, ConfluentAvroSerializer<Object> serializer, InstantSource clock) {
        this.topics = topics;
        this.serializer = serializer;
        this.clock = clock;
    }

    /**
     * A job that may cost so much, for a lane.
     *
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached: try again later
     */
    public Decision.Admitted job(SoundRequest sound, Cost cap, Lane lane) {
        String model = sound.definition().models().model();
        AnalysisJob job =
                AnalysisJob.newBuilder()
                        .setGeneration(sound.generation())
                        .setAnalysisVersion(sound.definition().fingerprint())
                        .setModel(model)
                        .setReservation(
                                Reservation.newBuilder()
                                        .setReservationId(sound.reservationId())
                                        .setDay(sound.day())
                                        .setCap(cap.usd())
                                        .setPrices(sound.tariff().written())
                                        .build())
                        .setSource(sound.source())
                        .setAdmittedAt(clock.instant())
                        .setContentKey(sound.content().map(ContentKey::buffer).orElse(null))
                        .build();
        String topic = lane == Lane.BULK ? topics.bulkJobs(model) : topics.jobs(model);
        byte[] key = sound.request().getRequestId().toString().getBytes(StandardCharsets.UTF_8);
        byte[] value = Objects.requireNonNull(serializer.serialize(topic, job));
        return new Decision.Admitted(
                sound.definition().name(), new ProducerRecord<>(topic, key, value));
    }
}
