package dev.sluice.app.http;

import dev.sluice.app.operate.LetterOperations;
import dev.sluice.app.operate.LetterQuery;
import dev.sluice.runtime.outcome.DeadLetterPlace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Operations on no dead letters: they note what they are asked for, or fail. */
final class FakeOperations implements LetterOperations {
    private final List<String> asked = new ArrayList<>();
    private Optional<RuntimeException> failure = Optional.empty();

    /** What they were asked for so far. */
    List<String> asked() {
        return asked;
    }

    /** All operations fail with this from now on. */
    void fail(RuntimeException with) {
        failure = Optional.of(with);
    }

    private ObjectNode answer(String question) {
        failure.ifPresent(with -> {
            throw with;
        });
        asked.add(question);
        return JsonMapper.shared().createObjectNode();
    }

    @Override
    public ObjectNode list(LetterQuery query) {
        return answer("list " + query.reasons());
    }

    @Override
    public ObjectNode show(LetterQuery query) {
        return answer("show " + query.request().orElseThrow());
    }

    @Override
    public ObjectNode show(DeadLetterPlace place) {
        return answer("show " + place);
    }

    @Override
    public ObjectNode plan(LetterQuery query, Terms terms) {
        return answer("plan " + terms);
    }

    @Override
    public ObjectNode redrive(String plan, String by) {
        return answer("redrive " + plan + " by " + by);
    }

    @Override
    public ObjectNode discard(
            LetterQuery query, long expected, String note, Instant at, String by) {
        return answer("discard " + expected + " up to " + new TreeMap<>(query.ends()));
    }

    @Override
    public ObjectNode takeBack(LetterQuery query, Instant at, String by) {
        return answer("take back " + at);
    }

    @Override
    public void close() {}
}
