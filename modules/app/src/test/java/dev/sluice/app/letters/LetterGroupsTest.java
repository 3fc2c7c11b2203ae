package dev.sluice.app.letters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.sluice.app.letters.LetterGroups.By;
import dev.sluice.app.letters.LetterGroups.Group;
import dev.sluice.contract.DeadLetter;
import dev.sluice.contract.DeadLetterKind;
import dev.sluice.contract.Reason;
import dev.sluice.runtime.kafka.TopicRange;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LetterGroupsTest {
    private static final Instant NOON = Instant.parse("2026-11-30T12:00:00Z");

    @Test
    void lettersAreCountedByEachCombinationAndTheirCostIsAdded() {
        LetterGroups groups = new LetterGroups(List.of(By.REASON, By.ANALYSIS));
        groups.add(stored("a", Reason.INVALID_OUTPUT, "seo", "0.25"));
        groups.add(stored("b", Reason.INVALID_OUTPUT, "seo", "0.5"));
        groups.add(stored("c", Reason.INVALID_OUTPUT, null, "0"));
        groups.add(stored("d", Reason.UNDECODABLE, null, "0"));

        assertThat(groups.largestFirst())
                .extracting(Group::values, Group::count, group -> group.costUsd().doubleValue())
                .containsExactly(
                        tuple(List.of("INVALID_OUTPUT", "seo"), 2L, 0.75),
                        tuple(List.of("INVALID_OUTPUT", "-"), 1L, 0.0),
                        tuple(List.of("UNDECODABLE", "-"), 1L, 0.0));
    }

    @Test
    void hoursAreCounted() {
        LetterGroups groups = new LetterGroups(List.of(By.HOUR, By.STAGE));
        groups.add(stored("a", Reason.UNDECODABLE, null, "0"));

        assertThat(groups.largestFirst().getFirst().values())
                .containsExactly("2026-11-30T12:00:00Z", "UNKNOWN");
    }

    @Test
    void filterMeansLettersThatFitEachOfItsProperties() {
        DeadLetter letter = stored("a", Reason.INVALID_OUTPUT, "seo", "0").letter();

        assertThat(filter(Set.of(), Set.of(), Optional.empty()).means(letter)).isTrue();
        assertThat(
                        filter(Set.of(Reason.INVALID_OUTPUT), Set.of(), Optional.of("seo"))
                                .means(letter))
                .isTrue();
        assertThat(filter(Set.of(Reason.UNDECODABLE), Set.of(), Optional.empty()).means(letter))
                .isFalse();
        assertThat(filter(Set.of(), Set.of(DeadLetterKind.POISON), Optional.empty()).means(letter))
                .isFalse();
        assertThat(filter(Set.of(), Set.of(), Optional.of("other")).means(letter)).isFalse();
    }

    @Test
    void recordOfAnotherReasonOrKeyIsNotDecoded() {
        LetterFilter one =
                new LetterFilter(
                        TopicRange.since(NOON),
                        Set.of(Reason.INVALID_OUTPUT),
                        Set.of(),
                        Optional.of("r1"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());

        assertThat(one.mayMean("r1", Optional.of(Reason.INVALID_OUTPUT))).isTrue();
        assertThat(one.mayMean("r1", Optional.empty())).isTrue();
        assertThat(one.mayMean("r1", Optional.of(Reason.UNDECODABLE))).isFalse();
        assertThat(one.mayMean("r2", Optional.of(Reason.INVALID_OUTPUT))).isFalse();
    }

    private static LetterFilter filter(
            Set<Reason> reasons, Set<DeadLetterKind> kinds, Optional<String> analysis) {
        return new LetterFilter(
                TopicRange.since(NOON),
                reasons,
                kinds,
                Optional.empty(),
                Optional.empty(),
                analysis,
                Optional.empty(),
                Optional.empty());
    }

    private static StoredLetter stored(String id, Reason reason, String analysis, String usd) {
        return new StoredLetter(
                0,
                0,
                NOON,
                List.of(),
                DeadLetter.newBuilder()
                        .setRequestId(id)
                        .setAnalysis(analysis)
                        .setKind(DeadLetterKind.FAILED)
                        .setReason(reason)
                        .setCostUsd(new BigDecimal(usd).setScale(9))
                        .setUnconfirmedUsd(new BigDecimal("0").setScale(9))
                        .setFailedAt(NOON.plusSeconds(90))
                        .build());
    }
}
