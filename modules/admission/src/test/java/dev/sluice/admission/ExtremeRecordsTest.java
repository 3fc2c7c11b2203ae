package dev.sluice.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.limits.Ceilings;
import dev.sluice.admission.limits.Rates;
import dev.sluice.admission.limits.UserLimits;
import dev.sluice.admission.validate.SourceRecords;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.BudgetChange;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.HeaderNames;
import dev.sluice.contract.Settlement;
import dev.sluice.contract.SourceRecord;
import dev.sluice.runtime.job.Job;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** No record on any input topic stops a stream thread. */
class ExtremeRecordsTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 23);
    private static final long[] NUMBERS = {
        Long.MIN_VALUE, Long.MAX_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE, -1, 0, 1
    };

    private final List<Job> jobs = new ArrayList<>();
    private AdmissionDriver admission;

    @BeforeTry
    void open() {
        jobs.clear();
        admission = new AdmissionDriver(NOON);
        admission.open(
                PriceTable.shipped(),
                new UserLimits(
                        Budgets.ofEach(1_000),
                        new Ceilings(
                                Optional.of(new Cost(new BigDecimal("999999999"))),
                                Map.of("seo", new Cost(new BigDecimal("999999999")))),
                        Rates.ofEach(1_000),
                        20,
                        5),
                1);
    }

    @AfterTry
    void close() {
        admission.close();
    }

    @Example
    void lateCallsBeyondTheLargestAmountAreBookedAtIt() {
        admission.send(AdmissionDriver.request("ann", "r"));
        Job job = admission.jobs().getFirst();
        admission.worker.settle(job, "0.1", "0");

        for (int i = 0; i < 12; i++) {
            admission.worker.late(job, "999999999.999999999");
            admission.pass(Duration.ofMillis(200));
        }

        assertThat(admission.spends().getLast().getUnconfirmedUsd())
                .isEqualByComparingTo("999999999.999999999");
        admission.send(AdmissionDriver.request("bob", "his"));
        assertThat(admission.deadLetters()).as("the ceiling is spent").hasSize(1);
    }

    @Example
    void additionsBeyondTheLargestAmountStopAtIt() {
        for (int i = 0; i < 12; i++) {
            admission.add("ann", TODAY, "999999999.99" + i);
        }
        admission.limit("ann", "999999999.999999999", null);

        admission.send(AdmissionDriver.request("ann", "r"));

        assertThat(admission.jobs()).hasSize(1);
        assertThat(admission.spends().getLast().getLimitUsd())
                .isEqualByComparingTo("999999999.999999999");
    }

    @Example
    void unreadableOutcomeIsNotShared() {
        byte[] sound = admission.serialized("sound", 7);
        for (byte[] outcome :
                List.of(new byte[0], new byte[] {1, 2, 3}, Arrays.copyOf(sound, 5), sound)) {
            AnalysisRequest asked = AdmissionDriver.request("ann", "first" + outcome.length);
            asked.setCache(CacheUse.ALLOW);
            asked.setContent("page " + outcome.length);
            admission.send(asked);
            Job job = admission.jobs().getFirst();
            AnalysisRequest waiting = AdmissionDriver.request("ann", "waiting" + outcome.length);
            waiting.setCache(CacheUse.ALLOW);
            waiting.setContent("page " + outcome.length);
            admission.send(waiting);

            admission.worker.settle(job, outcome);
            admission.pass(Duration.ofMillis(200));

            assertThat(admission.jobs())
                    .extracting(next -> next.request().getRequestId().toString())
                    .containsExactly("waiting" + outcome.length);
        }
    }

    @Property(tries = 40)
    void admissionContinuesAfterAnyRecord(@ForAll long seed) {
        Random random = new Random(seed);
        for (int step = 0; step < 60; step++) {
            switch (random.nextInt(8)) {
                case 0 -> request(random);
                case 1 -> settlement(random);
                case 2 ->
                        admission.changeBudget(
                                text(random, "user").toString(),
                                random.nextInt(9) == 0
                                        ? null
                                        : bytes(random, BudgetChange.getClassSchema()));
                case 3 ->
                        admission.forwarded(random.nextInt(9) == 0 ? null : repartitioned(random));
                case 4 ->
                        admission.publishTotal(
                                new TestRecord<>(
                                        random.nextInt(9) == 0 ? null : total(random, 4),
                                        random.nextInt(9) == 0 ? null : total(random, 16)));
                case 5 -> admission.send(sound("ann", "good" + random.nextInt(5), random));
                case 6 -> admission.pass(Duration.ofMillis(random.nextInt(300)));
                default -> admission.pass(Duration.ofHours(random.nextInt(30)));
            }
            jobs.addAll(admission.jobs());
            jobs.addAll(admission.bulkJobs());
        }
        admission.restart();
        admission.pass(Duration.ofHours(50));
        admission.pass(Duration.ofMillis(200));
        admission.send(AdmissionDriver.request("somebody else", "r"));

        int ended = admission.jobs().size() + admission.bulkJobs().size();
        assertThat(ended + admission.deadLetters().size()).isPositive();
    }

    private static AnalysisRequest sound(String user, String id, Random random) {
        AnalysisRequest request = AdmissionDriver.request(user, id);
        request.setCache(random.nextBoolean() ? CacheUse.ALLOW : CacheUse.BYPASS);
        return request;
    }

    private void request(Random random) {
        RecordHeaders headers = new RecordHeaders();
        if (random.nextBoolean()) {
            headers.add(
                    random.nextBoolean() ? HeaderNames.GENERATION : "\u0000",
                    random.nextBoolean()
                            ? null
                            : text(random, "").toString().getBytes(StandardCharsets.UTF_8));
        }
        admission.send(
                new TestRecord<>(
                        random.nextBoolean() ? null : new byte[random.nextInt(100)],
                        random.nextInt(9) == 0
                                ? null
                                : bytes(random, AnalysisRequest.getClassSchema()),
                        headers,
                        NOON));
    }

    /** A settlement, often of a running job. */
    private void settlement(Random random) {
        GenericRecord settlement = (GenericRecord) extreme(random, Settlement.getClassSchema(), "");
        if (!jobs.isEmpty() && random.nextInt(3) > 0) {
            Job job = jobs.get(random.nextInt(jobs.size()));
            settlement.put("reservationId", job.reservation().getReservationId());
            settlement.put("requestId", job.request().getRequestId());
            settlement.put("userId", job.request().getUserId());
            settlement.put("generation", job.generation());
            if (random.nextInt(3) > 0) {
                settlement.put("spentUsd", amount(random));
                settlement.put("unconfirmedUsd", amount(random));
                settlement.put("contentKey", job.contentKey());
                settlement.put("reason", null);
                settlement.put("day", (int) TODAY.toEpochDay());
                if (random.nextBoolean()) {
                    settlement.put("lateCallId", null);
                }
            }
        }
        admission.settle(admission.serialized(AdmissionDriver.TOPICS.settlements(), settlement));
    }

    private static ByteBuffer amount(Random random) {
        String usd = random.nextBoolean() ? "999999999.999999999" : "0.000000001";
        return ByteBuffer.wrap(new BigDecimal(usd).unscaledValue().toByteArray());
    }

    private byte[] repartitioned(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> garbage(random);
            case 1 ->
                    SourceRecords.bytes(
                            SourceRecord.newBuilder()
                                    .setTopic(
                                            random.nextBoolean()
                                                    ? AdmissionDriver.TOPICS.budgets()
                                                    : text(random, "").toString())
                                    .setPartition(random.nextInt())
                                    .setOffset(random.nextLong())
                                    .setTimestamp(
                                            random.nextBoolean()
                                                    ? null
                                                    : Instant.ofEpochMilli(number(random)))
                                    .setValue(
                                            random.nextBoolean()
                                                    ? null
                                                    : ByteBuffer.wrap(
                                                            bytes(
                                                                    random,
                                                                    AnalysisRequest
                                                                            .getClassSchema())))
                                    .build());
            default -> {
                byte[] whole = repartitioned(random);
                yield Arrays.copyOf(whole, random.nextInt(whole.length + 1));
            }
        };
    }

    private static byte[] total(Random random, int least) {
        byte[] bytes = new byte[random.nextBoolean() ? random.nextInt(40) : least + 4];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] bytes(Random random, Schema schema) {
        return random.nextInt(9) == 0
                ? garbage(random)
                : admission.serialized(schema.getName(), extreme(random, schema, ""));
    }

    private static byte[] garbage(Random random) {
        byte[] bytes = new byte[random.nextInt(60)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static @Nullable Object extreme(Random random, Schema schema, String name) {
        return switch (schema.getType()) {
            case RECORD -> {
                GenericRecord record = new GenericData.Record(schema);
                schema.getFields()
                        .forEach(field ->
                                record.put(
                                        field.pos(),
                                        extreme(random, field.schema(), field.name())));
                yield record;
            }
            case UNION ->
                    extreme(
                            random,
                            schema.getTypes().get(random.nextInt(schema.getTypes().size())),
                            name);
            case ENUM ->
                    new GenericData.EnumSymbol(
                            schema,
                            schema.getEnumSymbols()
                                    .get(random.nextInt(schema.getEnumSymbols().size())));
            case MAP -> {
                Map<Object, Object> map = new HashMap<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    map.put(text(random, ""), extreme(random, schema.getValueType(), ""));
                }
                yield map;
            }
            case STRING -> text(random, name);
            case BYTES -> {
                byte[] bytes = new byte[List.of(0, 1, 7, 8, 9, 30, 500).get(random.nextInt(7))];
                random.nextBytes(bytes);
                yield ByteBuffer.wrap(bytes);
            }
            case LONG -> number(random);
            case INT -> random.nextInt(3) == 0 ? (int) TODAY.toEpochDay() : (int) number(random);
            case BOOLEAN -> random.nextBoolean();
            case NULL -> null;
            case ARRAY, FIXED, FLOAT, DOUBLE ->
                    throw new IllegalStateException("no source topic has a " + schema.getType());
        };
    }

    private static long number(Random random) {
        return random.nextInt(3) == 0
                ? NOON.toEpochMilli()
                : NUMBERS[random.nextInt(NUMBERS.length)];
    }

    private static CharSequence text(Random random, String name) {
        return switch (random.nextInt(9)) {
            case 0 -> "";
            case 1 -> "\u0000";
            case 2 -> "an\u0000n";
            case 3 -> "7".repeat(1 + random.nextInt(100_000));
            case 4 -> new Utf8(new byte[] {'a', (byte) 0xE9});
            case 5 -> new Utf8(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80});
            case 6 -> "\uD83D\uDE00 \u2028 \uFFFD";
            default -> name.equals("analysis") ? "seo" : "ann";
        };
    }
}
