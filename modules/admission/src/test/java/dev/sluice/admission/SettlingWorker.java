package dev.sluice.admission;

import dev.sluice.contract.CanaryTrial;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.Reason;
import dev.sluice.contract.ResultEnvelope;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.Stage;
import dev.sluice.contract.Topics;
import dev.sluice.contract.TrialOutcome;
import dev.sluice.contract.Validity;
import dev.sluice.contract.registry.SchemaRegistry;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.outcome.Reasons;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Writes the settlements of a worker, with the result that the test chooses. */
final class SettlingWorker {
    /** Schema of a result whose output is a string. */
    private static final Schema RESULT =
            Schema.createRecord(
                    "Result",
                    null,
                    "dev.sluice.results.seo",
                    false,
                    Stream.concat(
                                    ResultEnvelope.getClassSchema().getFields().stream()
                                            .map(field -> new Schema.Field(field, field.schema())),
                                    Stream.of(
                                            new Schema.Field(
                                                    "output", Schema.create(Schema.Type.STRING))))
                            .toList());

    private final KafkaConnection connection;
    private final SchemaRegistry registry;
    private final Topics topics;
    private final InstantSource clock;
    private final BiConsumer<byte[], byte[]> publish;

    /**
     * @param publish receives key and value of each settlement
     */
    SettlingWorker(
            KafkaConnection connection,
            SchemaRegistry registry,
            Topics topics,
            InstantSource clock,
            BiConsumer<byte[], byte[]> publish) {
        this.connection = connection;
        this.registry = registry;
        this.topics = topics;
        this.clock = clock;
        this.publish = publish;
    }

    /** Settles a job. */
    void settle(Job job, String spent, String unconfirmed) {
        publish.accept(key(job), settlement(job, spent, unconfirmed));
    }

    byte[] settlement(Job job, String spent, String unconfirmed) {
        return serialized(topics.settlements(), built(job, spent, unconfirmed));
    }

    /** Settles a job with the given bytes as its outcome. */
    void settle(Job job, byte[] outcome) {
        ended(job, "0.001", null, outcome);
    }

    /** Settles a job with a result. */
    void answer(Job job, String spent, String output) {
        GenericRecord result = new GenericData.Record(RESULT);
        ResultEnvelope envelope =
                ResultEnvelope.newBuilder()
                        .setRequestId(job.request().getRequestId())
                        .setUserId(job.request().getUserId())
                        .setAnalysis(job.request().getAnalysis())
                        .setModel(job.model())
                        .setResponseId("response-1")
                        .build();
        for (Schema.Field field : envelope.getSchema().getFields()) {
            result.put(field.name(), envelope.get(field.pos()));
        }
        result.put("completedAt", clock.instant().toEpochMilli());
        result.put("costUsd", amount(spent));
        result.put("unconfirmedUsd", amount("0"));
        result.put("calls", 2);
        result.put("output", output);
        ended(job, spent, null, serialized(topics.results("seo"), result));
    }

    /** Settles a job with a failure that identical requests share. */
    void fail(Job job, String spent, Reason reason) {
        DeadLetter letter =
                DeadLetter.newBuilder()
                        .setRequestId(job.request().getRequestId())
                        .setUserId(job.request().getUserId())
                        .setAnalysis(job.request().getAnalysis())
                        .setKind(Reasons.kind(reason))
                        .setReason(reason)
                        .setMessage("the answer was no good")
                        .setStage(Stage.WORKER)
                        .setCostUsd(new BigDecimal(spent).setScale(9))
                        .setCalls(2)
                        .setRawAnswers(List.of("garbage"))
                        .build();
        ended(job, spent, reason, serialized(topics.deadLetters(), letter));
    }

    /** Settles a job with a reason that concerns only this job. */
    void end(Job job, String spent, Reason reason) {
        ended(job, spent, reason, null);
    }

    /** Settles a job that counts for the trial of a canary. */
    void judge(Job job, Validity validity) {
        Settlement settlement = built(job, "0.001", "0");
        settlement.setTrial(outcome(job, validity));
        publish.accept(key(job), serialized(topics.settlements(), settlement));
    }

    private static @Nullable TrialOutcome outcome(Job job, Validity validity) {
        CanaryTrial trial = job.admitted().getTrial();
        if (trial == null) {
            return null;
        }
        return TrialOutcome.newBuilder()
                .setTrial(trial.getId())
                .setCohort(trial.getCohort())
                .setIsCanary(
                        trial.getCanaryVersion()
                                .toString()
                                .equals(job.admitted().getAnalysisVersion().toString()))
                .setValidity(validity)
                .setCallMillis(1_200)
                .build();
    }

    /** Settles a call that was found after its job was settled. */
    void late(Job job, String unconfirmed) {
        Settlement settlement = built(job, "0", unconfirmed);
        settlement.setLateCallId("call-1");
        settlement.setAnalysis(job.request().getAnalysis());
        publish.accept(key(job), serialized(topics.settlements(), settlement));
    }

    private void ended(Job job, String spent, @Nullable Reason reason, byte @Nullable [] outcome) {
        Settlement settlement = built(job, spent, "0");
        settlement.setReason(reason);
        settlement.setContentKey(job.contentKey());
        settlement.setTrial(outcome(job, reason == null ? Validity.FIRST : Validity.FAILED));
        settlement.setOutcome(outcome == null ? null : ByteBuffer.wrap(outcome));
        publish.accept(key(job), serialized(topics.settlements(), settlement));
    }

    private static byte[] key(Job job) {
        return job.request().getUserId().toString().getBytes(StandardCharsets.UTF_8);
    }

    private static ByteBuffer amount(String usd) {
        return ByteBuffer.wrap(new BigDecimal(usd).setScale(9).unscaledValue().toByteArray());
    }

    private static Settlement built(Job job, String spent, String unconfirmed) {
        return Settlement.newBuilder()
                .setReservationId(job.reservation().getReservationId())
                .setRequestId(job.request().getRequestId())
                .setUserId(job.request().getUserId())
                .setGeneration(job.generation())
                .setDay(job.reservation().getDay())
                .setReservedUsd(job.reservation().getCap())
                .setSpentUsd(new BigDecimal(spent).setScale(9))
                .setUnconfirmedUsd(new BigDecimal(unconfirmed).setScale(9))
                .build();
    }

    private <T> byte[] serialized(String topic, T value) {
        return connection.<T>serializer(registry).serialize(topic, value);
    }
}
