package dev.sluice.app.submit;

import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.app.client.RequestIdentity;
import dev.sluice.app.submit.source.InvalidSourceException;
import dev.sluice.app.submit.source.Item;
import dev.sluice.app.submit.source.ItemSource;
import dev.sluice.app.submit.source.Sources;
import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.CacheUse;
import dev.sluice.contract.RequestRules;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The requests of a submission: all of them are checked before the first is published. Their
 * contents are not kept but read again.
 */
public final class Submission {
    private final Sources sources;
    private final AnalysisDefinition analysis;
    private final RequestOptions options;
    private final InstantSource clock;
    private final List<Planned> planned = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private boolean hasOwnIds;
    private String runId = "";

    /** One request, without its content. */
    public record Planned(String label, RequestIdentity identity) {}

    /**
     * An item that cannot be a request.
     *
     * @param label its source, and the row
     */
    public record Problem(String label, String message) {
        @Override
        public String toString() {
            return label + ": " + message;
        }
    }

    /** Takes the requests, in the order of the sources. */
    public interface Receiver {
        /**
         * Takes the next request.
         *
         * @param index place of the request among all of the submission, from 0
         */
        void request(int index, AnalysisRequest request) throws IOException, InterruptedException;
    }

    private Submission(
            Sources sources,
            AnalysisDefinition analysis,
            RequestOptions options,
            InstantSource clock) {
        this.sources = sources;
        this.analysis = analysis;
        this.options = options;
        this.clock = clock;
    }

    /** Reads and checks all items. */
    public static Submission check(
            Sources sources,
            AnalysisDefinition analysis,
            RequestOptions options,
            InstantSource clock)
            throws IOException, InterruptedException {
        Submission submission = new Submission(sources, analysis, options, clock);
        Map<RequestIdentity, String> labels = new HashMap<>();
        RequestIds ids = submission.ids();
        sources.read(
                new ItemSource.Receiver() {
                    @Override
                    public void item(Item item) {
                        submission.check(item, ids.of(item, submission.user(item)), labels);
                    }

                    @Override
                    public void problem(String label, String message) {
                        submission.problems.add(new Problem(label, message));
                    }
                });
        submission.runId = options.runId().orElseGet(submission::ownRunId);
        return submission;
    }

    private RequestIds ids() {
        // Who asks afresh does not mean the answer of an earlier submission.
        String kind = analysis.fingerprint() + (options.cache() == CacheUse.BYPASS ? "!" : "");
        return new RequestIds(analysis.name(), kind, options.randomIds());
    }

    /** Who pays; empty if nobody is named. */
    private String user(Item item) {
        return item.userId().or(options::userId).orElse("");
    }

    private void check(Item item, String requestId, Map<RequestIdentity, String> labels) {
        String user = user(item);
        if (user.isEmpty()) {
            problems.add(new Problem(item.label(), "names no user; --user says who pays"));
            return;
        }
        RequestIdentity identity = new RequestIdentity(user, requestId);
        Optional<RequestRules.Broken> broken =
                RequestRules.check(
                        request(item, identity, Instant.EPOCH), analysis.input().maxBytes());
        if (broken.isPresent()) {
            problems.add(new Problem(item.label(), broken.get().message()));
            return;
        }
        String before = labels.putIfAbsent(identity, item.label());
        if (before != null) {
            problems.add(
                    new Problem(item.label(), "has the same id as " + before + ": " + requestId));
            return;
        }
        planned.add(new Planned(item.label(), identity));
        hasOwnIds |= item.id().isPresent();
    }

    /** The same requests give the same name. */
    private String ownRunId() {
        String[] ids =
                planned.stream()
                        .flatMap(one ->
                                Stream.of(one.identity().userId(), one.identity().requestId()))
                        .toArray(String[]::new);
        return "submit-" + RequestIds.hash(ids).substring(0, 12);
    }

    /** The valid requests, in the order of the sources. */
    public List<Planned> planned() {
        return Collections.unmodifiableList(planned);
    }

    /** Items that cannot be requests, each with its reason. */
    public List<Problem> problems() {
        return List.copyOf(problems);
    }

    /** The runId of all requests. */
    public String runId() {
        return runId;
    }

    /** Whether some items came with their own ids, which may be in use for other analyses, too. */
    boolean hasOwnIds() {
        return hasOwnIds;
    }

    /** Name of the analysis. */
    public String analysis() {
        return analysis.name();
    }

    /**
     * Reads the sources again and hands out the valid requests.
     *
     * @throws InvalidSourceException if a source was changed since it was checked
     */
    public void read(Receiver receiver) throws IOException, InterruptedException {
        RequestIds ids = ids();
        Instant now = clock.instant();
        int[] handed = {0};
        sources.read(
                new ItemSource.Receiver() {
                    @Override
                    public void item(Item item) throws IOException, InterruptedException {
                        String requestId = ids.of(item, user(item));
                        int index = handed[0];
                        if (index >= planned.size()
                                || !planned.get(index).label().equals(item.label())) {
                            return;
                        }
                        Planned one = planned.get(index);
                        if (!options.randomIds() && !one.identity().requestId().equals(requestId)) {
                            throw new InvalidSourceException(
                                    item.label() + " was changed while it was submitted");
                        }
                        handed[0]++;
                        receiver.request(index, request(item, one.identity(), now));
                    }

                    @Override
                    public void problem(String label, String message) {}
                });
        if (handed[0] < planned.size()) {
            throw new InvalidSourceException(
                    planned.get(handed[0]).label() + " was changed while it was submitted");
        }
    }

    private AnalysisRequest request(Item item, RequestIdentity identity, Instant now) {
        Map<CharSequence, CharSequence> attributes = new HashMap<>(options.attributes());
        attributes.putAll(item.attributes());
        AnalysisRequest.Builder request =
                AnalysisRequest.newBuilder()
                        .setRequestId(identity.requestId())
                        .setUserId(identity.userId())
                        .setAnalysis(analysis.name())
                        .setContent(item.content())
                        .setAttributes(attributes)
                        .setRunId(runId)
                        .setPriority(options.priority())
                        .setCache(options.cache())
                        .setWhenOverBudget(options.whenOverBudget())
                        .setSubmittedAt(now);
        options.deadline().ifPresent(time -> request.setDeadline(now.plus(time)));
        return request.build();
    }
}
