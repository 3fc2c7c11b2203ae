package dev.sluice.evals.result;

import dev.sluice.evals.cases.EvalCase;
import dev.sluice.evals.run.CaseRun;
import dev.sluice.evals.stats.Tally;
import java.util.List;
import java.util.Optional;

/**
 * The runs of a case against one target.
 *
 * @param runs in the order of their repeats
 */
public record CaseResult(EvalCase asked, List<CaseRun> runs) {
    public CaseResult {
        runs = List.copyOf(runs);
    }

    /** How often it passed, of the runs that say something; empty if none does. */
    public Optional<Tally> tally() {
        List<CaseRun> judged = runs.stream().filter(CaseRun::isJudged).toList();
        return judged.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Tally(
                                (int) judged.stream().filter(CaseRun::isPassed).count(),
                                judged.size()));
    }
}
