package dev.sluice.analysis;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.sluice.analysis.guard.JobBudget;
import java.util.ArrayList;
import java.util.List;

/** What one job has come to so far: its answers, and its calls and money. */
final class JobRecord {
    private final JobBudget budget;
    private final List<String> answers = new ArrayList<>();

    JobRecord(JobBudget budget) {
        this.budget = budget;
    }

    JobBudget budget() {
        return budget;
    }

    @CanIgnoreReturnValue
    JobRecord answered(String text) {
        answers.add(text);
        return this;
    }

    Analysis.Failed failed(Failure failure) {
        return new Analysis.Failed(failure, answers, budget.calls());
    }
}
