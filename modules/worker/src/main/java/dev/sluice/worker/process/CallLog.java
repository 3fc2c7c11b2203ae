package dev.sluice.worker.process;

import dev.sluice.analysis.call.Call;
import dev.sluice.contract.AnalysisRequest;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs each ended call of a request, with all its token counts. */
record CallLog(AnalysisRequest request) implements Consumer<Call> {
    private static final Logger log = LoggerFactory.getLogger(CallLog.class);

    @Override
    public void accept(Call call) {
        log.atInfo()
                .addKeyValue("requestId", request.getRequestId().toString())
                .addKeyValue("userId", request.getUserId().toString())
                .addKeyValue("analysis", request.getAnalysis().toString())
                .addKeyValue("model", call.deployment().model())
                .addKeyValue("deployment", call.deployment().name())
                .addKeyValue("attempt", call.attempt())
                .addKeyValue("purpose", call.purpose())
                .addKeyValue("status", call.ending().status())
                .addKeyValue("inputTokens", call.usage().input())
                .addKeyValue("cachedTokens", call.usage().cachedInput())
                .addKeyValue("cacheWriteTokens", call.usage().cacheWrite())
                .addKeyValue("outputTokens", call.usage().output())
                .addKeyValue("reasoningTokens", call.usage().reasoning())
                .addKeyValue("costUsd", call.cost().usd())
                .addKeyValue("millis", call.duration().toMillis())
                .log("model called");
    }
}
