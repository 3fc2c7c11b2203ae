package dev.sluice.admission.decide;

import dev.sluice.admission.sharing.Shared;
import dev.sluice.admission.validate.Decision;
import dev.sluice.admission.validate.DenialWriter;
import dev.sluice.admission.validate.ValidRequest;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Topics;
import dev.sluice.contract.serde.ConfluentAvroDeserializer;
import dev.sluice.runtime.kafka.RegistryOutage;
import dev.sluice.runtime.outcome.TraceContext;
import dev.sluice.runtime.result.ResultCopies;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies the outcome of one request for an identical request of the same user. */
public final class OutcomeCopies {
    private static final Logger log = LoggerFactory.getLogger(OutcomeCopies.class);

    private final Topics topics;
    private final ResultCopies results;
    private final ConfluentAvroDeserializer<DeadLetter> deadLetters;
    private final DenialWriter denials;

    public OutcomeCopies(
            Topics topics,
            ResultCopies results,
            ConfluentAvroDeserializer<DeadLetter> deadLetters,
            DenialWriter denials) {
        this.topics = topics;
        this.results = results;
        this.deadLetters = deadLetters;
        this.denials = denials;
    }

    /**
     * The outcome for another request, at no cost; empty if the stored outcome cannot be read.
     *
     * @throws dev.sluice.contract.registry.RegistryUnavailableException while the registry cannot
     *     be reached: try again later
     */
    public Optional<Decision> copy(ValidRequest request, Shared.Answered answered) {
        try {
            return Optional.of(copied(request, answered));
        } catch (InterruptException e) {
            throw e;
        } catch (RuntimeException e) {
            if (RegistryOutage.is(e)) {
                throw e;
            }
            // Every other failure comes from these bytes; one record must not stop admission.
            log.atError()
                    .addKeyValue("requestId", request.identity().requestId())
                    .addKeyValue("reason", e.getMessage())
                    .log("a stored outcome cannot be read and is not shared");
            return Optional.empty();
        }
    }

    private Decision copied(ValidRequest request, Shared.Answered answered) {
        if (!answered.isResult()) {
            DeadLetter original =
                    deadLetters.deserialize(topics.deadLetters(), answered.value().get());
            return denials.copy(request, Objects.requireNonNull(original));
        }
        String analysis = request.definition().name();
        String topic = topics.results(analysis);
        byte[] key = request.request().getRequestId().toString().getBytes(StandardCharsets.UTF_8);
        ResultCopies.Copy copy =
                results.copy(
                        topic, answered.value().get(), request.request(), request.generation());
        return new Decision.Answered(
                Decision.Subject.of(request),
                copy.saved(),
                new ProducerRecord<>(
                        topic, null, key, copy.value().get(), TraceContext.of(request.source())));
    }
}
