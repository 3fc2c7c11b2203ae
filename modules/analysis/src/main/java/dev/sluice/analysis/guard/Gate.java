package dev.sluice.analysis.guard;

import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.guard.Clearance.Cleared;
import dev.sluice.analysis.guard.Clearance.Decided;
import dev.sluice.analysis.guard.Clearance.Denied;
import dev.sluice.analysis.guard.Clearance.Waiting;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Waiting point of jobs until a deployment clears their call, in queue order. Safe for use by many
 * threads.
 */
final class Gate {
    /**
     * Interval of quota checks: calls that end return unused quota, so a wait may become shorter.
     */
    private static final Duration QUOTA_LOOK = Duration.ofMillis(25);

    private final List<DeploymentGuard> deployments;
    private final Clocks clocks;
    private final Sleeper sleeper;
    private final CallObserver observer;

    /**
     * @param deployments in order of preference
     * @param sleeper waits by the steady clock
     */
    Gate(List<DeploymentGuard> deployments, Clocks clocks, Sleeper sleeper, CallObserver observer) {
        this.deployments = deployments;
        this.clocks = clocks;
        this.sleeper = sleeper;
        this.observer = observer;
    }

    /** Returns when the call may be made, or when it is certain that it may not. */
    Decided pass(ModelRequest request, long maxInputTokens, JobBudget budget)
            throws InterruptedException {
        ReleasedSlot slot = new ReleasedSlot(budget.journal());
        Decided decided = await(request, maxInputTokens, budget, slot);
        boolean kept = false;
        try {
            slot.acquire();
            kept = true;
        } finally {
            if (!kept && decided instanceof Cleared cleared) {
                cleared.permit().giveBack();
            }
        }
        return decided;
    }

    private Decided await(
            ModelRequest request, long maxInputTokens, JobBudget budget, ReleasedSlot slot)
            throws InterruptedException {
        FairQueue queue = deployments.getFirst().queue();
        try (FairQueue.Ticket ticket =
                queue.join(sleeper, budget.priority(), budget.tries().goesFirst())) {
            while (true) {
                if (!ticket.isFirst()) {
                    slot.release();
                    Instant from = clocks.steady().instant();
                    waits(Waiting.Reason.QUOTA);
                    ticket.awaitTurn(clocks.steady(), from.plus(left(budget)));
                    waited(Waiting.Reason.QUOTA, from);
                }
                switch (clear(request, maxInputTokens, budget)) {
                    case Decided decided -> {
                        return decided;
                    }
                    case Waiting waiting -> waitFor(waiting, ticket, budget, slot);
                }
            }
        }
    }

    /** Waits outside the queue, so that other jobs are not held up. */
    void backOff(Duration time, JobBudget budget) throws InterruptedException {
        ReleasedSlot slot = new ReleasedSlot(budget.journal());
        slot.release();
        Instant from = clocks.steady().instant();
        waits(Waiting.Reason.BACKOFF);
        sleeper.until(from.plus(shorter(time, left(budget))));
        waited(Waiting.Reason.BACKOFF, from);
        slot.acquire();
    }

    private void waitFor(
            Waiting waiting, FairQueue.Ticket ticket, JobBudget budget, ReleasedSlot slot)
            throws InterruptedException {
        Instant now = clocks.steady().instant();
        Duration time = shorter(waiting.time(), left(budget));
        waits(waiting.reason());
        switch (waiting.reason()) {
            case QUOTA, MAX_CALLS -> {
                if (waiting.time().compareTo(QUOTA_LOOK) > 0) {
                    slot.release();
                }
                sleeper.until(now.plus(shorter(time, QUOTA_LOOK)));
            }
            case THROTTLED, PAUSED, BREAKER_OPEN, BACKOFF -> {
                ticket.stepAside(time);
                slot.release();
                sleeper.until(now.plus(time));
                ticket.stepBack();
            }
        }
        waited(waiting.reason(), now);
    }

    /**
     * Slot of the job, released while the job waits for its call and acquired again once the
     * decision is known. Acquiring takes time if workers crashed during the job.
     */
    private static final class ReleasedSlot {
        private final CallJournal journal;
        private boolean released;

        ReleasedSlot(CallJournal journal) {
            this.journal = journal;
        }

        void release() {
            if (!released) {
                journal.releaseSlot();
                released = true;
            }
        }

        void acquire() throws InterruptedException {
            if (released) {
                journal.acquireSlot();
            }
        }
    }

    private void waits(Waiting.Reason reason) {
        observer.waits(deployments.getFirst().deployment().model(), reason.name());
    }

    private void waited(Waiting.Reason reason, Instant from) {
        observer.waited(
                deployments.getFirst().deployment().model(),
                reason.name(),
                Duration.between(from, clocks.steady().instant()));
    }

    /** Asks the deployments in order; returns the first clearance, or the shortest wait. */
    private Clearance clear(ModelRequest request, long maxInputTokens, JobBudget budget) {
        if (left(budget).isZero()) {
            return new Denied(
                    new Failure.DeadlineExceeded("the deadline was " + budget.deadline()));
        }
        Optional<Waiting> shortest = Optional.empty();
        Optional<Failure> denied = Optional.empty();
        for (DeploymentGuard guard : inOrder(budget.tries())) {
            Optional<String> excluded = budget.tries().excluded(guard);
            if (excluded.isPresent()) {
                denied = denied.or(() -> excluded.map(Failure.RejectedByProvider::new));
                continue;
            }
            Optional<ModelPrice> price = budget.price(guard.deployment().priceId());
            if (price.isEmpty()) {
                denied = denied.or(() -> Optional.of(unpriced(guard)));
                continue;
            }
            Cost worst = price.get().worstCost(maxInputTokens, request.maxOutputTokens());
            if (!budget.covers(worst)) {
                denied = denied.or(() -> Optional.of(exhausted(worst, budget)));
                continue;
            }
            switch (guard.clear(request, price.get())) {
                case Cleared cleared -> {
                    return cleared;
                }
                case Denied denial -> {
                    return denial;
                }
                case Waiting waiting -> {
                    if (shortest.isEmpty() || waiting.time().compareTo(shortest.get().time()) < 0) {
                        shortest = Optional.of(waiting);
                    }
                }
            }
        }
        return shortest.isPresent() ? shortest.get() : new Denied(denied.orElseThrow());
    }

    /** Deployments with fewer failures of this job first, otherwise as configured. */
    private List<DeploymentGuard> inOrder(Tries tries) {
        return deployments.size() == 1
                ? deployments
                : deployments.stream()
                        .sorted(
                                Comparator.comparingInt(
                                        (DeploymentGuard guard) -> tries.at(guard.deployment())))
                        .toList();
    }

    /** Time until the deadline. */
    private Duration left(JobBudget budget) {
        Duration left = Duration.between(clocks.wall().instant(), budget.deadline());
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    private static Failure unpriced(DeploymentGuard guard) {
        return new Failure.UnpricedModel(
                "the reservation has no price of " + guard.deployment().priceId());
    }

    private static Failure exhausted(Cost worst, JobBudget budget) {
        return new Failure.CapExhausted(
                "another call may cost "
                        + worst
                        + " USD, left of the cap are "
                        + budget.remaining());
    }
}
