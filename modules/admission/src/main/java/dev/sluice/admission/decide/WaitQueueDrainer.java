package dev.sluice.admission.decide;

import dev.sluice.admission.decide.WaitQueue.AwaitedOutcome;
import dev.sluice.admission.decide.WaitQueue.Waiting;
import dev.sluice.admission.decide.WaitQueue.WaitingFor;
import dev.sluice.admission.ledger.Accounts;
import dev.sluice.admission.limits.Budgets;
import dev.sluice.admission.sharing.ContentKey;
import dev.sluice.admission.sharing.Shared;
import dev.sluice.admission.validate.Decision;
import dev.sluice.admission.validate.RequestValidator;
import dev.sluice.admission.validate.UnknownSchemaException;
import dev.sluice.runtime.kafka.RegistryOutage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Bytes;

/**
 * Drains the wait queues: decides again on waiting requests when the event they wait for may have
 * happened, users in turn and within a time budget. It also denies requests past their deadline and
 * deletes old state. Not safe for use by several threads.
 */
public final class WaitQueueDrainer {
    /** Failures of the registry after which the rest of the turns waits. */
    private static final int MAX_FAILURES = 3;

    /** Divisor for the number of large entries visited in a sweep. */
    private static final int LARGE_ENTRY_DIVISOR = 4;

    /** Queues visited per tick after a start and on each new day. */
    private static final int QUEUES_PER_TICK = 500;

    private static final List<WaitingFor> QUEUES =
            List.of(WaitingFor.RESERVATIONS, WaitingFor.NEXT_DAY, WaitingFor.RATE);

    private final RequestValidator validator;
    private final AdmissionDecider decider;
    private final AdmissionDecider.TaskState state;
    private final Budgets budgets;
    private final Consumer<Decision> publish;
    private final Accounts.Forgotten forgotten;
    private final Consumer<Waiting> left;
    private final InstantSource clock;

    /** Users whose first request in a queue may now leave it. */
    private final Set<String> dueUsers = new LinkedHashSet<>();

    /** Outcomes that requests wait for and that may have been stored. */
    private final Set<AwaitedOutcome> dueOutcomes = new LinkedHashSet<>();

    /** Requests whose deadline has passed. */
    private final Queue<Bytes> expired = new ArrayDeque<>();

    private LocalDate today;
    private boolean allVisited;

    /**
     * @param left receives each request that leaves its queue
     */
    public WaitQueueDrainer(
            AdmissionDecider.Rules rules,
            AdmissionDecider.TaskState state,
            AdmissionDecider decider,
            Consumer<Decision> publish,
            Accounts.Forgotten forgotten,
            Consumer<Waiting> left,
            InstantSource clock) {
        this.validator = rules.validator();
        this.budgets = rules.budgets();
        this.state = state;
        this.decider = decider;
        this.publish = publish;
        this.forgotten = forgotten;
        this.left = left;
        this.clock = clock;
        this.today = budgets.day(clock.instant());
    }

    /** Marks a user as due after a settlement or a budget change, which may have freed money. */
    public void freed(String user) {
        if (state.ledger().account(user).waiting() > 0) {
            dueUsers.add(user);
        }
    }

    /** Marks an outcome as due. */
    public void answered(String user, ContentKey content) {
        dueOutcomes.add(new AwaitedOutcome(user, content));
    }

    /**
     * Collects the users and outcomes that are due.
     *
     * @return whether there is something to {@link #drain}
     */
    public boolean look() {
        LocalDate day = budgets.day(clock.instant());
        if (!day.equals(today)) {
            today = day;
            allVisited = false;
            state.waiting().beginAgain();
        }
        if (!allVisited) {
            allVisited = state.waiting().look(QUEUES_PER_TICK, dueUsers::add, dueOutcomes::add);
        }
        dueUsers.addAll(decider.timers().due(clock.instant()));
        return !dueUsers.isEmpty() || !dueOutcomes.isEmpty() || !expired.isEmpty();
    }

    /** Drains for a limited time: expired requests, outcomes and users get a third each. */
    public void drain(Duration time) {
        long start = System.nanoTime();
        long third = time.toNanos() / 3;
        turns(expired, start + third, this::expireNext);
        turns(dueOutcomes, start + 2 * third, this::drainOutcome);
        turns(dueUsers, start + time.toNanos(), this::drainUser);
    }

    /** One step of draining an item. */
    private interface Step<T> {
        /** Returns false if the item has nothing more that can be drained now. */
        boolean take(T item);
    }

    /**
     * Takes one step of each item in turn until the end time, but at least one step.
     *
     * @param end in nanoseconds of {@link System#nanoTime}
     */
    private static <T> void turns(Collection<T> due, long end, Step<T> step) {
        int failures = 0;
        boolean firstStep = true;
        while (!due.isEmpty()
                && failures < MAX_FAILURES
                && (firstStep || System.nanoTime() < end)) {
            firstStep = false;
            Iterator<T> first = due.iterator();
            T next = first.next();
            // Removed first, so that other items come next even if this one fails.
            first.remove();
            boolean more = true;
            try {
                more = step.take(next);
            } catch (RuntimeException e) {
                requireRegistryFailure(e);
                failures++;
            } finally {
                if (more) {
                    due.add(next);
                }
            }
        }
    }

    /**
     * Rethrows every failure that is not caused by the registry; registry failures are tried again.
     */
    private static void requireRegistryFailure(RuntimeException failure) {
        if (!(failure instanceof UnknownSchemaException) && !RegistryOutage.is(failure)) {
            throw failure;
        }
    }

    private boolean drainUser(String user) {
        for (WaitingFor waitingFor : QUEUES) {
            Optional<Waiting> first = state.waiting().first(user, waitingFor);
            if (first.isPresent() && tryToLeave(first.get(), waitingFor)) {
                return true;
            }
        }
        return false;
    }

    /** Gives the outcome to the next request that waits for it. */
    private boolean drainOutcome(AwaitedOutcome awaited) {
        WaitingFor waitingFor = WaitingFor.outcomeOf(awaited.content());
        Optional<Waiting> first = state.waiting().first(awaited.user(), waitingFor);
        boolean more = first.isPresent() && tryToLeave(first.get(), waitingFor);
        if (!state.waiting().hasWaiting(awaited.user(), waitingFor)) {
            forgetFailure(awaited);
            return false;
        }
        return more;
    }

    /**
     * Deletes a shared failure once no request waits for it, so that later requests do not get it.
     */
    private void forgetFailure(AwaitedOutcome awaited) {
        state.shared()
                .find(awaited.user(), awaited.content(), clock.instant())
                .filter(known -> known instanceof Shared.Answered answered && !answered.isResult())
                .ifPresent(_ -> state.shared().forget(awaited.user(), awaited.content()));
    }

    private boolean tryToLeave(Waiting first, WaitingFor waitingFor) {
        switch (validator.check(first.source())) {
            case RequestValidator.Invalid(_, var denial) -> publish.accept(denial);
            case RequestValidator.Valid(var request) -> {
                if (!decider.retry(request, waitingFor)) {
                    return false;
                }
            }
        }
        leave(first);
        return true;
    }

    /**
     * Collects requests past their deadline, and deletes old state.
     *
     * @param entries number of entries of each kind to visit
     */
    public void sweep(int entries) {
        Instant now = clock.instant();
        state.requests().forget(now, entries);
        state.ledger().forget(entries, forgotten);
        // The values of these entries are large.
        state.shared().forgetOld(now, entries / LARGE_ENTRY_DIVISOR);
        if (expired.isEmpty()) {
            expired.addAll(state.waiting().expired(now, entries));
        }
    }

    /**
     * Denies a request whose deadline has passed. A place that is empty by now, or has another
     * request that is valid, is left alone.
     */
    private boolean expireNext(Bytes key) {
        Optional<Waiting> found = state.waiting().find(key);
        if (found.isEmpty()) {
            return false;
        }
        Waiting waiting = found.get();
        try {
            switch (validator.check(waiting.source())) {
                case RequestValidator.Invalid(_, var denial) -> end(waiting, denial);
                case RequestValidator.Valid _ -> {}
            }
        } catch (UnknownSchemaException e) {
            // The schema stays unknown, and the deadline has passed in any case.
            end(
                    waiting,
                    validator
                            .undecodable(waiting.source(), String.valueOf(e.getMessage()))
                            .denial());
        } catch (RuntimeException e) {
            // The next sweep finds the request again.
            requireRegistryFailure(e);
        }
        return false;
    }

    private void end(Waiting expired, Decision denial) {
        publish.accept(denial);
        leave(expired);
        freed(expired.user());
    }

    private void leave(Waiting request) {
        left.accept(request);
        state.waiting().remove(request);
        state.requests().leave(request.request(), request.ticket(), clock.instant());
        state.ledger().leave(request.user());
    }
}
