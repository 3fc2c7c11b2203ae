package dev.sluice.worker.process;

import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import dev.sluice.contract.ModelCall;
import dev.sluice.runtime.job.Job;
import dev.sluice.runtime.outcome.ContractPrices;
import dev.sluice.runtime.outcome.Deadlines;
import dev.sluice.worker.consume.PartitionAssignment;
import dev.sluice.worker.consume.RunningJob;
import dev.sluice.worker.consume.RunningJob.Stage;
import dev.sluice.worker.journal.JobJournal;
import dev.sluice.worker.trace.JobTrace;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A job with everything that its processing needs. */
record JobWork(
        ConsumerRecord<byte[], byte[]> record,
        PartitionAssignment assignment,
        RunningJob running,
        Job job,
        AnalysisDefinition definition,
        Optional<JobJournal> journal,
        JobTrace trace) {
    /** The calls of the job's earlier executions. */
    List<ModelCall> earlierCalls() {
        return journal.map(JobJournal::earlierCalls).orElse(List.of());
    }

    AnalysisTask task(CallJournal calls) {
        return new AnalysisTask(
                job.request().getRequestId().toString(),
                job.request().getContent().toString(),
                assignment.source().isBulk() ? Priority.BULK : Priority.INTERACTIVE,
                Deadlines.of(job),
                new Cost(job.reservation().getCap()),
                job.reservation().getPrices().stream().map(ContractPrices::fromContract).toList(),
                calls);
    }

    /** Says that the outcome is being written. */
    void beginWriting() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the job was cancelled while it was processed");
        }
        running.at(Stage.WRITING);
    }
}
