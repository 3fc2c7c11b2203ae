package dev.sluice.analysis;

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

/** A model that replies what it was told to, in turn. */
public final class ScriptedModel implements Model {
    public static final TokenUsage USAGE = new TokenUsage(1_000, 0, 0, 100, 0);

    private final Deque<ModelReply> replies = new ArrayDeque<>();
    private final List<ModelRequest> requests = new ArrayList<>();

    public ScriptedModel then(ModelReply reply) {
        replies.add(reply);
        return this;
    }

    public ScriptedModel thenAnswer(String text) {
        return then(
                new ModelReply.Answered(
                        text, FinishReason.STOP, Optional.of(USAGE), "r", RateLimits.NONE));
    }

    public ScriptedModel thenFail(int times) {
        for (int i = 0; i < times; i++) {
            replies.add(
                    new ModelReply.Unavailable(
                            OptionalInt.of(500), "HTTP 500", false, Optional.empty()));
        }
        return this;
    }

    public List<ModelRequest> requests() {
        return requests;
    }

    @Override
    public ModelReply ask(ModelRequest request) {
        requests.add(request);
        return replies.remove();
    }
}
