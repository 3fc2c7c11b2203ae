package dev.sluice.admission.decide;

import dev.sluice.admission.decide.WaitQueue.Behind;
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
 * Looks at requests that wait whenever what they wait for may have come, of each user in turn and
 * some at a time, and forgets what is too old. Not safe for use by several threads.
 */
public final class WaitQueueDrainer {
    /** The registry gives no answer to so many: the others are not tried now. */
    private static final int MAX_FAILURES = 3;

    /** So many fewer entries that are large are looked at in a sweep. */
    private static final int LARGE = 4;

    /** So many lines are looked at in a tick, at first and on each new day. */
    private static final int LOOKED_AT = 500;

    private static final List<WaitingFor> LINES =
            List.of(WaitingFor.RESERVATIONS, WaitingFor.NEXT_DAY, WaitingFor.RATE);

    private final RequestValidator validator;
    private final AdmissionDecider decider;
    private final AdmissionDecider.Books books;
    private final Budgets budgets;
    private final Consumer<Decision> publish;
    private final Accounts.Forgotten forgotten;
    private final InstantSource clock;

    /** Users whose first request in a line may go now. */
    private final Set<String> dueUsers = new LinkedHashSet<>();

    /** Outcomes that others wait for and that may be there. */
    private final Set<Behind> dueAnswers = new LinkedHashSet<>();

    /** Requests whose deadline has passed. */
    private final Queue<Bytes> expired = new ArrayDeque<>();

    private LocalDate today;
    private boolean allLookedAt;

    public WaitQueueDrainer(
            AdmissionDecider.Rules rules,
            AdmissionDecider.Books books,
            AdmissionDecider decider,
            Consumer<Decision> publish,
            Accounts.Forgotten forgotten,
            InstantSource clock) {
        this.validator = rules.validator();
        this.budgets = rules.budgets();
        this.books = books;
        this.decider = decider;
        this.publish = publish;
        this.forgotten = forgotten;
        this.clock = clock;
        this.today = budgets.day(clock.instant());
    }

    /** Something was settled for the user: there may be money for who waits. */
    public void freed(String user) {
        if (books.ledger().account(user).waiting() > 0) {
            dueUsers.add(user);
        }
    }

    /** A job has its outcome, which others may wait for. */
    public void answered(String user, ContentKey content) {
        dueAnswers.add(new Behind(user, content));
    }

    /**
     * Finds out whose time has come.
     *
     * @return whether there is something to {@link #release}
     */
    public boolean look() {
        LocalDate day = budgets.day(clock.instant());
        if (!day.equals(today)) {
            today = day;
            allLookedAt = false;
            books.waiting().beginAgain();
        }
        if (!allLookedAt) {
            allLookedAt = books.waiting().look(LOOKED_AT, dueUsers::add, dueAnswers::add);
        }
        dueUsers.addAll(decider.timers().due(clock.instant()));
        return !dueUsers.isEmpty() || !dueAnswers.isEmpty() || !expired.isEmpty();
    }

    /** Lets go requests that waited, for so long: answers, users and deadlines in turn. */
    public void release(Duration time) {
        long start = System.nanoTime();
        long third = time.toNanos() / 3;
        turns(expired, start + third, this::expireNext);
        turns(dueAnswers, start + 2 * third, this::answerNext);
        turns(dueUsers, start + time.toNanos(), this::releaseNext);
    }

    /** Something of somebody's that may go on. */
    private interface Step<T> {
        /** False if nothing more of this can go on now. */
        boolean take(T of);
    }

    /** Takes a step of each in turn until then, one at least. */
    private static <T> void turns(Collection<T> due, long end, Step<T> step) {
        int failures = 0;
        boolean any = true;
        while (!due.isEmpty() && failures < MAX_FAILURES && (any || System.nanoTime() < end)) {
            any = false;
            Iterator<T> first = due.iterator();
            T next = first.next();
            // Others go first next time, also if this one fails.
            first.remove();
            boolean more = true;
            try {
                more = step.take(next);
            } catch (RuntimeException e) {
                requireLater(e);
                failures++;
            } finally {
                if (more) {
                    due.add(next);
                }
            }
        }
    }

    /**
     * What the registry does not answer for now is tried again; whatever else is thrown goes on.
     */
    private static void requireLater(RuntimeException failure) {
        if (!(failure instanceof UnknownSchemaException) && !RegistryOutage.is(failure)) {
            throw failure;
        }
    }

    private boolean releaseNext(String user) {
        for (WaitingFor waitingFor : LINES) {
            Optional<Waiting> first = books.waiting().first(user, waitingFor);
            if (first.isPresent() && goes(first.get(), waitingFor)) {
                return true;
            }
        }
        return false;
    }

    /** Tells one more of those who wait what came of the job they wait for. */
    private boolean answerNext(Behind behind) {
        WaitingFor waitingFor = WaitingFor.behind(behind.content());
        Optional<Waiting> first = books.waiting().first(behind.user(), waitingFor);
        boolean more = first.isPresent() && goes(first.get(), waitingFor);
        if (!books.waiting().isAnybodyIn(behind.user(), waitingFor)) {
            forgetFailure(behind);
            return false;
        }
        return more;
    }

    /** Once nobody waits for it any more, nobody is put off with it. */
    private void forgetFailure(Behind behind) {
        books.shared()
                .find(behind.user(), behind.content(), clock.instant())
                .filter(known -> known instanceof Shared.Answered answered && !answered.isResult())
                .ifPresent(_ -> books.shared().forget(behind.user(), behind.content()));
    }

    private boolean goes(Waiting first, WaitingFor waitingFor) {
        switch (validator.check(first.source())) {
            case RequestValidator.Invalid(_, var denial) -> publish.accept(denial);
            case RequestValidator.Valid(var request) -> {
                if (!decider.again(request, waitingFor)) {
                    return false;
                }
            }
        }
        leave(first);
        return true;
    }

    /** Finds what waited past its deadline, and forgets what is too old: some at a time. */
    public void sweep(int entries) {
        Instant now = clock.instant();
        books.requests().forget(now, entries);
        books.ledger().forget(entries, forgotten);
        // These are looked at whole.
        books.shared().forgetOld(now, entries / LARGE);
        if (expired.isEmpty()) {
            expired.addAll(books.waiting().expired(now, entries));
        }
    }

    /** Ends one whose deadline has passed; one that has left, or is another by now, it leaves. */
    private boolean expireNext(Bytes key) {
        Optional<Waiting> found = books.waiting().find(key);
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
            // Nobody will know any more what it was; its time is over in any case.
            end(
                    waiting,
                    validator
                            .undecodable(waiting.source(), String.valueOf(e.getMessage()))
                            .denial());
        } catch (RuntimeException e) {
            // The next sweep finds it again.
            requireLater(e);
        }
        return false;
    }

    private void end(Waiting expired, Decision denial) {
        publish.accept(denial);
        leave(expired);
        freed(expired.user());
    }

    private void leave(Waiting gone) {
        books.waiting().remove(gone);
        books.requests().leave(gone.request(), gone.ticket(), clock.instant());
        books.ledger().leave(gone.user());
    }
}
