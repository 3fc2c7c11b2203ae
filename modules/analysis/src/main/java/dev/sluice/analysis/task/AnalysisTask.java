package dev.sluice.analysis.task;

import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import java.time.Instant;
import java.util.List;

/**
 * One piece of content to analyse, with its deadline, cap and prices.
 *
 * @param id for logs; never content
 * @param priority for queues
 * @param deadline no call is started after it
 * @param cap maximum cost of all calls together
 * @param prices unit prices of all models that may be called, fixed when the cost was reserved
 * @param journal records the task's calls
 */
public record AnalysisTask(
        String id,
        String content,
        Priority priority,
        Instant deadline,
        Cost cap,
        List<ModelPrice> prices,
        CallJournal journal) {
    public AnalysisTask {
        prices = List.copyOf(prices);
    }
}
