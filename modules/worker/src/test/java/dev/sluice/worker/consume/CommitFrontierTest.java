package dev.sluice.worker.consume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.worker.journal.JournalMarks;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

/** Invariants F1 to F5 of docs/GUARANTEES.md. */
class CommitFrontierTest {
    private static final long START = 1_000;
    private static final JournalMarks MARKS =
            new JournalMarks(Long.MAX_VALUE - 1, Long.MAX_VALUE, UUID.randomUUID(), true);

    @Provide
    Arbitrary<List<Long>> finishedOffsets() {
        return Arbitraries.longs()
                .between(START - 50, START + CommitFrontier.WINDOW - 1)
                .list()
                .ofMaxSize(2_000);
    }

    @Provide
    Arbitrary<List<Long>> nearOffsets() {
        return Arbitraries.longs().between(START, START + 40).list().ofMaxSize(200);
    }

    @Property(tries = 300)
    void positionIsTheLowestUnfinishedOffset(@ForAll("nearOffsets") List<Long> offsets) {
        CommitFrontier frontier = CommitFrontier.at(START);
        TreeSet<Long> finished = new TreeSet<>();
        for (long offset : offsets) {
            frontier.finish(offset);
            finished.add(offset);
            long lowest = START;
            while (finished.contains(lowest)) {
                lowest++;
            }
            assertThat(frontier.position()).isEqualTo(lowest);
        }
    }

    @Property(tries = 100)
    void knowsExactlyWhatWasFinished(@ForAll("finishedOffsets") List<Long> offsets) {
        CommitFrontier frontier = CommitFrontier.at(START);
        TreeSet<Long> finished = new TreeSet<>();
        for (long offset : offsets) {
            if (frontier.fits(offset)) {
                frontier.finish(offset);
                finished.add(offset);
            }
        }
        for (long offset = START; offset < START + CommitFrontier.WINDOW; offset++) {
            assertThat(frontier.isFinished(offset)).isEqualTo(finished.contains(offset));
        }
        assertThat(frontier.isFinished(START - 1)).isTrue();
    }

    @Property(tries = 200)
    void survivesTheCommitAndFitsItsMetadata(@ForAll("finishedOffsets") List<Long> offsets) {
        CommitFrontier frontier = CommitFrontier.at(START);
        offsets.forEach(frontier::finish);

        OffsetAndMetadata commit = FrontierCodec.encode(frontier, Optional.of(MARKS));
        CommitFrontier read = FrontierCodec.decode(commit).frontier();
        assertThat(FrontierCodec.decode(commit).marks()).contains(MARKS);
        JournalMarks open = new JournalMarks(3, 7, MARKS.assignment(), false);
        assertThat(FrontierCodec.decode(FrontierCodec.encode(frontier, Optional.of(open))).marks())
                .contains(open);

        assertThat(commit.metadata().length()).isLessThanOrEqualTo(FrontierCodec.MAX_CHARACTERS);
        assertThat(commit.offset()).isEqualTo(frontier.position());
        assertThat(read.beyond()).isEqualTo(frontier.beyond());
    }

    @Test
    void worstCaseStillFitsTheMetadata() {
        CommitFrontier frontier = CommitFrontier.at(0);
        for (long offset = 1; offset < CommitFrontier.WINDOW; offset += 2) {
            frontier.finish(offset);
        }

        OffsetAndMetadata commit = FrontierCodec.encode(frontier, Optional.of(MARKS));

        assertThat(commit.metadata().length()).isBetween(2_700, FrontierCodec.MAX_CHARACTERS);
        assertThat(FrontierCodec.decode(commit).frontier().beyond()).isEqualTo(frontier.beyond());
    }

    @Test
    void longRunsAreEncodedShort() {
        CommitFrontier frontier = CommitFrontier.at(0);
        frontier.finishRange(1, 10_000);

        assertThat(FrontierCodec.encode(frontier, Optional.of(MARKS)).metadata().length())
                .isLessThan(64);
    }

    @Test
    void finishingTwiceChangesNothing() {
        CommitFrontier frontier = CommitFrontier.at(5);
        frontier.finish(7);
        frontier.finish(7);
        frontier.finish(5);
        frontier.finish(5);

        assertThat(frontier.position()).isEqualTo(6);
        assertThat(frontier.isFinished(7)).isTrue();
        assertThat(frontier.isFinished(6)).isFalse();
    }

    @Test
    void offsetBeyondTheWindowIsRejected() {
        CommitFrontier frontier = CommitFrontier.at(5);

        assertThat(frontier.fits(5L + CommitFrontier.WINDOW - 1)).isTrue();
        assertThat(frontier.fits(5L + CommitFrontier.WINDOW)).isFalse();
        assertThatThrownBy(() -> frontier.finish(5L + CommitFrontier.WINDOW))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void gapFromThePositionMayBeLongerThanTheWindow() {
        CommitFrontier frontier = CommitFrontier.at(5);

        frontier.finishRange(5, 1_000_000);

        assertThat(frontier.position()).isEqualTo(1_000_000);
    }

    @Test
    void copyIsIndependent() {
        CommitFrontier frontier = CommitFrontier.at(0);
        CommitFrontier copy = frontier.copy();

        copy.finish(0);

        assertThat(frontier.position()).isZero();
        assertThat(copy.position()).isEqualTo(1);
    }

    @Test
    void foreignMetadataSaysNothingBeyondTheOffset() {
        assertThat(
                        FrontierCodec.decode(new OffsetAndMetadata(9, "set by hand"))
                                .frontier()
                                .position())
                .isEqualTo(9);
        assertThat(FrontierCodec.decode(new OffsetAndMetadata(9)).frontier().beyond().isEmpty())
                .isTrue();
    }

    @Test
    void metadataOfAnotherVersionIsRejected() {
        assertThatThrownBy(() -> FrontierCodec.decode(new OffsetAndMetadata(9, "sluice2:AA")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another version");
    }

    @Test
    void damagedMetadataIsRefusedInsteadOfRepeatingOutcomes() {
        assertThatThrownBy(() -> FrontierCodec.decode(new OffsetAndMetadata(9, "sluice1:Av//////")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("damaged");
    }
}
