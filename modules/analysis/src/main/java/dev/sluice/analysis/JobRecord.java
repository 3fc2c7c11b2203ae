package dev.sluice.analysis;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.sluice.analysis.failure.Failure;
import dev.sluice.analysis.failure.RedactedException;
import dev.sluice.analysis.guard.JobBudget;
import dev.sluice.analysis.task.AnalysisTask;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Progress of one job: its answers, calls and cost so far. */
final class JobRecord {
    private static final Logger log = LoggerFactory.getLogger(JobRecord.class);

    private final String taskId;
    private final JobBudget budget;
    private final List<String> answers = new ArrayList<>();

    JobRecord(AnalysisTask task) {
        this.taskId = task.id();
        this.budget = new JobBudget(task);
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

    /** Ends this job, and no other, because of a bug. */
    Analysis.Failed failedByBug(Throwable bug) {
        log.atError()
                .setCause(RedactedException.of(bug))
                .addKeyValue("requestId", taskId)
                .log("job failed because of a bug");
        return failed(new Failure.Bug("a bug: " + bug.getClass().getSimpleName()));
    }
}
