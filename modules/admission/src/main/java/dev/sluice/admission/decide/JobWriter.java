package dev.sluice.admission.decide;

import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.admission.validate.Decision;
import dev.sluice.admission.validate.ValidRequest;
import dev.sluice.analysis.price.Cost;
import dev.sluice.contract.AnalysisJob;
import dev.sluice.contract.CanaryTrial;
import dev.sluice.contract.Priority;
import dev.sluice.contract.Reservation;
import dev.sluice.contract.Topics;
import dev.sluice.contract.serde.ConfluentAvroSerializer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes the job records of admitted requests. */
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
     * The job record of a request.
     *
     * @param cap the most that the job may cost
     * @param priority decides between the model's two jobs topics
     * @param trial the trial for which the job counts
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached: try again later
     */
    public Decision.Admitted job(
            ValidRequest valid, Cost cap, Priority priority, Optional<CanaryTrial> trial) {
        String model = valid.definition().models().model();
        AnalysisJob job =
                AnalysisJob.newBuilder()
                        .setGeneration(valid.generation())
                        .setAnalysisVersion(valid.definition().fingerprint())
                        .setModel(model)
                        .setReservation(
                                Reservation.newBuilder()
                                        .setReservationId(valid.reservationId())
                                        .setDay(valid.day())
                                        .setCap(cap.usd())
                                        .setPrices(valid.tariff().forJobs())
                                        .build())
                        .setSource(valid.source())
                        .setAdmittedAt(clock.instant())
                        .setContentKey(valid.content().map(ContentKey::buffer).orElse(null))
                        .setTrial(trial.orElse(null))
                        .build();
        String topic = priority == Priority.BULK ? topics.bulkJobs(model) : topics.jobs(model);
        byte[] key = valid.request().getRequestId().toString().getBytes(StandardCharsets.UTF_8);
        byte[] value = Objects.requireNonNull(serializer.serialize(topic, job));
        return new Decision.Admitted(
                Decision.Subject.of(valid), cap, new ProducerRecord<>(topic, key, value));
    }
}
