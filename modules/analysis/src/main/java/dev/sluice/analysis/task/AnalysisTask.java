package dev.sluice.analysis.task;

import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import java.time.Instant;
import java.util.List;

/**
 * One thing to analyse.
 *
 * @param id for logs; never content
 * @param userId who pays, for logs; empty where nobody is charged
 * @param priority who goes first
 * @param deadline no call is begun after it
 * @param cap the most all calls together may cost
 * @param prices unit prices of every model that may be called, fixed when the cost was reserved
 * @param journal where its calls are put on record
 */
public record AnalysisTask(
        String id,
        String userId,
        String content,
        Priority priority,
        Instant deadline,
        Cost cap,
        List<ModelPrice> prices,
        CallJournal journal) {
    /** A task that nobody is charged for. */
    public AnalysisTask(
            String id,
            String content,
            Priority priority,
            Instant deadline,
            Cost cap,
            List<ModelPrice> prices,
            CallJournal journal) {
        this(id, "", content, priority, deadline, cap, prices, journal);
    }

    public AnalysisTask {
        prices = List.copyOf(prices);
    }
}
