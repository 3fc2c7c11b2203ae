package dev.sluice.analysis;

import dev.sluice.analysis.model.CallResult;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.price.TokenUsage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/** Model that returns scripted replies in order. */
public final class ScriptedModel implements Model {
    public static final TokenUsage USAGE = new TokenUsage(1_000, 0, 0, 100, 0);

    private final Deque<Script> replies = new ArrayDeque<>();
    private final List<ModelRequest> requests = new ArrayList<>();
    private Runnable whenAsked = () -> {};

    private interface Script {
        ModelReply play() throws InterruptedException;
    }

    public ScriptedModel then(ModelReply reply) {
        replies.add(() -> reply);
        return this;
    }

    /** Behaves as if the job is cancelled while the call is in flight. */
    public ScriptedModel thenCancel() {
        replies.add(() -> {
            throw new InterruptedException("cancelled");
        });
        return this;
    }

    /** Sets an action that runs at each call. */
    public void whenAsked(Runnable action) {
        whenAsked = action;
    }

    public ScriptedModel thenAnswer(String text) {
        return then(
                new ModelReply.Answered(
                        text, FinishReason.STOP, Optional.of(USAGE), "r", RateLimits.NONE));
    }

    public ScriptedModel thenFail(int times) {
        for (int i = 0; i < times; i++) {
            then(
                    ModelReply.Unavailable.uncharged(
                            OptionalInt.of(500), "HTTP 500", Optional.empty()));
        }
        return this;
    }

    public List<ModelRequest> requests() {
        return requests;
    }

    @Override
    public CallResult ask(ModelRequest request, UUID callId) throws InterruptedException {
        requests.add(request);
        whenAsked.run();
        return CallResult.of(replies.remove().play());
    }
}
