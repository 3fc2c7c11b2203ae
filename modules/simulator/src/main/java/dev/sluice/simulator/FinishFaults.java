package dev.sluice.simulator;

import java.util.List;

/** Faults with finish reasons that the interface's own provider does not have, word for word. */
final class FinishFaults {
    static final Fault.Group GROUP =
            new Fault.Group(
                    "Finish reasons (charged)",
                    List.of(
                            cut("model_length", "the answer is cut off at the context's end"),
                            cut("max_tokens", "the answer is cut off, in Anthropic's term"),
                            cut("MAX_TOKENS", "the answer is cut off, in Google's term"),
                            cut("error", "the answer is cut off because the model failed"),
                            cut("abort", "the answer is cut off because the server stopped"),
                            cut(
                                    "insufficient_system_resource",
                                    "the answer is cut off because DeepSeek had no room"),
                            whole("eos", "the answer is complete, the reason is not a known one"),
                            new Fault(
                                    "finish-null",
                                    "the answer is whole, the reason is null",
                                    Deviation.writes(envelope -> {
                                        if (envelope.isOpenAi()) {
                                            envelope.choice().putNull("finish_reason");
                                        } else {
                                            envelope.json().putNull("stop_reason");
                                        }
                                    }))));

    private FinishFaults() {}

    private static Fault cut(String reason, String description) {
        return new Fault(
                "finish-" + reason,
                description,
                Deviation.drafts(draft -> draft.saying(ModelFaults.first(draft.text(), 0.5)))
                        .and(Deviation.writes(envelope -> envelope.finish(reason))));
    }

    private static Fault whole(String reason, String description) {
        return new Fault(
                "finish-" + reason,
                description,
                Deviation.writes(envelope -> envelope.finish(reason)));
    }
}
