package dev.sluice.worker.journal;

import static dev.sluice.worker.journal.JournalEntries.ended;
import static dev.sluice.worker.journal.JournalEntries.started;

import dev.sluice.contract.Attempt;
import dev.sluice.contract.ModelCall;
import dev.sluice.contract.Priority;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * A random schedule of assignments that follow each other, with the journal and the group's commits
 * in memory. Random values decide which assignment crashes or stalls, and where. Knows every
 * recorded call and every booking.
 */
final class JournalSchedule {
    private static final int JOBS = 6;

    private final Random random;
    private final List<Attempt> log = new ArrayList<>();
    private final Map<String, BigDecimal> costs = new HashMap<>();
    private final Map<String, List<BigDecimal>> booked = new HashMap<>();
    private final List<Runnable> stalled = new ArrayList<>();
    private final Set<Long> committed = new HashSet<>();
    private Optional<JournalMarks> marks = Optional.empty();
    private int calls;
    private boolean immortal;

    JournalSchedule(Random random) {
        this.random = random;
    }

    /** Runs until all jobs are finished and returns the mistakes in the bookings. */
    List<String> run() {
        while (committed.size() < JOBS) {
            runAssignment();
        }
        // Two more assignments that only read: an entry written late is found, and found once.
        stalled.forEach(Runnable::run);
        stalled.clear();
        immortal = true;
        runAssignment();
        runAssignment();
        List<String> problems = new ArrayList<>();
        costs.forEach((callId, cost) -> {
            List<BigDecimal> rows = booked.getOrDefault(callId, List.of());
            if (rows.size() != 1) {
                problems.add(callId + " was booked " + rows.size() + " times");
            } else if (rows.getFirst().compareTo(cost) < 0) {
                problems.add(callId + " cost " + cost + " and was booked at " + rows.getFirst());
            }
        });
        return problems;
    }

    /** Runs one assignment, which may crash at any step. */
    private void runAssignment() {
        UUID id = UUID.randomUUID();
        Set<Long> finished = new HashSet<>(committed);
        AssignmentJournal journal =
                new AssignmentJournal(
                        id,
                        Priority.INTERACTIVE,
                        marks,
                        0,
                        new AssignmentJournal.Jobs() {
                            @Override
                            public boolean isFinished(long offset) {
                                return finished.contains(offset);
                            }

                            @Override
                            public boolean isLive() {
                                return true;
                            }

                            @Override
                            public boolean isClosing() {
                                return false;
                            }
                        });
        long unused = journal.bounds(0, log.size());
        tail(journal, id);
        for (int step = 0; step < 8; step++) {
            if (dies(6)) {
                return;
            }
            writeLate();
            if (random.nextBoolean()) {
                tail(journal, id);
            }
            List<Long> done = new ArrayList<>();
            List<ModelCall> rows = new ArrayList<>();
            for (long job = 0; job < JOBS; job++) {
                if (!finished.contains(job) && random.nextInt(3) == 0) {
                    if (!work(journal, id, job, rows)) {
                        return;
                    }
                    done.add(job);
                }
            }
            if (random.nextBoolean()) {
                tail(journal, id);
            }
            AssignmentJournal.Entries entries = journal.entries(done);
            if (dies(8)) {
                return;
            }
            rows.addAll(entries.late());
            rows.forEach(this::book);
            committed.addAll(done);
            marks = Optional.of(entries.marks());
            if (dies(8)) {
                // Crashes before it learns that the transaction is committed.
                return;
            }
            writeLate();
            if (random.nextBoolean()) {
                tail(journal, id);
            }
            finished.addAll(done);
            journal.committed(entries, done);
        }
        tail(journal, id);
        AssignmentJournal.Entries entries = journal.entries(List.of());
        entries.late().forEach(this::book);
        marks = Optional.of(entries.marks());
        journal.committed(entries, List.of());
    }

    private boolean dies(int odds) {
        return !immortal && random.nextInt(odds) == 0;
    }

    /** Processes a job; false if the worker crashes in the middle. */
    private boolean work(AssignmentJournal journal, UUID id, long job, List<ModelCall> rows) {
        journal.beginning(job);
        String callId = "c" + calls++;
        boolean sent = random.nextInt(5) > 0;
        switch (random.nextInt(5)) {
            case 0 -> {
                record(callId, sent, started(callId, job, id.toString()));
                return false;
            }
            case 1 -> {
                // The worker stalls; it continues while its successor works.
                stalled.add(() -> {
                    record(callId, sent, started(callId, job, id.toString()));
                    if (random.nextBoolean()) {
                        log.add(ended(callId, job, id.toString()));
                    }
                });
                return false;
            }
            default -> {
                record(callId, true, started(callId, job, id.toString()));
                log.add(ended(callId, job, id.toString()));
            }
        }
        List<ModelCall> earlier = journal.carried(job);
        rows.addAll(earlier);
        rows.add(ended(callId, job, id.toString()).getCall());
        return true;
    }

    private void record(String callId, boolean sent, Attempt entry) {
        log.add(entry);
        costs.put(callId, sent ? JournalEntries.ACTUAL : BigDecimal.ZERO);
    }

    private void writeLate() {
        if (!stalled.isEmpty() && random.nextInt(4) == 0) {
            stalled.removeFirst().run();
        }
    }

    private void tail(AssignmentJournal journal, UUID id) {
        for (int offset = (int) journal.position(); offset < log.size(); offset++) {
            Attempt entry = log.get(offset);
            if (!entry.getAssignment().toString().equals(id.toString())) {
                journal.read(offset, entry);
            }
            journal.reached(offset + 1L);
        }
    }

    private void book(ModelCall row) {
        booked.computeIfAbsent(row.getCallId().toString(), key -> new ArrayList<>())
                .add(row.getCostUsd());
    }
}
