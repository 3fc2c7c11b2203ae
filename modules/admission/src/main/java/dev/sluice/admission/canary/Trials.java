package dev.sluice.admission.canary;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.contract.AnalysisRequest;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The trials of this process and their states. Safe for use by several threads. */
public final class Trials {
    private static final Logger log = LoggerFactory.getLogger(Trials.class);

    private final Map<String, Trial> byAnalysis;
    private final Map<String, TrialState> states = new ConcurrentHashMap<>();

    private Trials(Map<String, Trial> byAnalysis) {
        this.byAnalysis = Map.copyOf(byAnalysis);
        byAnalysis.values().forEach(trial -> states.put(trial.id(), TrialState.RUNNING));
    }

    /** The trials of all configured canaries that get requests. */
    public static Trials of(AnalysisCatalog analyses) {
        Map<String, Trial> trials = new TreeMap<>();
        for (AnalysisDefinition current : analyses.all()) {
            analyses.canary(current.name())
                    .filter(canary -> canary.percent() > 0)
                    .ifPresent(canary -> trials.put(current.name(), new Trial(current, canary)));
        }
        return new Trials(trials);
    }

    /** Logs which canaries get requests. */
    public void announce() {
        for (Trial trial : byAnalysis.values()) {
            log.atInfo()
                    .addKeyValue("analysis", trial.analysis())
                    .addKeyValue("currentVersion", trial.current().fingerprint())
                    .addKeyValue("canaryVersion", trial.canary().definition().fingerprint())
                    .addKeyValue("percent", trial.canary().percent())
                    .log("a canary gets requests, unless it is stopped");
        }
    }

    public Collection<Trial> all() {
        return byAnalysis.values();
    }

    public boolean isEmpty() {
        return byAnalysis.isEmpty();
    }

    /**
     * The part of a request in the trial of its analysis, without the identity of its content.
     * Empty if the analysis has no canary, or a stopped one.
     */
    public Optional<TrialShare> share(AnalysisRequest request) {
        return Optional.ofNullable(byAnalysis.get(request.getAnalysis().toString()))
                .filter(trial -> state(trial) != TrialState.STOPPED)
                .map(trial ->
                        new TrialShare(
                                trial,
                                trial.takes(
                                        request.getUserId().toString(),
                                        request.getRequestId().toString()),
                                Optional.empty()));
    }

    /** The trial with this id, if it is one of this process. */
    Optional<Trial> find(String id) {
        return byAnalysis.values().stream().filter(trial -> trial.id().equals(id)).findFirst();
    }

    public TrialState state(Trial trial) {
        return states.getOrDefault(trial.id(), TrialState.RUNNING);
    }

    /**
     * Moves a trial to a state that it had reached before this process began, unless it has reached
     * a later one.
     */
    public void restored(Trial trial, TrialState state) {
        if (moved(trial, state)) {
            log.atInfo()
                    .addKeyValue("analysis", trial.analysis())
                    .addKeyValue("canaryVersion", trial.canary().definition().fingerprint())
                    .addKeyValue("state", state)
                    .log("the canary has been in this state since before the start");
        }
    }

    private boolean moved(Trial trial, TrialState state) {
        TrialState before = states.getOrDefault(trial.id(), TrialState.RUNNING);
        return before.compareTo(state) < 0 && states.replace(trial.id(), before, state);
    }

    /**
     * Moves a trial to a state, unless it has reached a later one.
     *
     * @param counts what the state was concluded from
     */
    void reached(Trial trial, TrialState now, TrialCounts counts) {
        if (!moved(trial, now)) {
            return;
        }
        (now == TrialState.STOPPED ? log.atError() : log.atInfo())
                .addKeyValue("analysis", trial.analysis())
                .addKeyValue("currentVersion", trial.current().fingerprint())
                .addKeyValue("canaryVersion", trial.canary().definition().fingerprint())
                .addKeyValue("percent", trial.canary().percent())
                .addKeyValue("currentEnded", counts.current().ended())
                .addKeyValue("currentNotFirst", counts.current().notFirst())
                .addKeyValue("currentFailed", counts.current().failed())
                .addKeyValue("canaryEnded", counts.canary().ended())
                .addKeyValue("canaryNotFirst", counts.canary().notFirst())
                .addKeyValue("canaryFailed", counts.canary().failed())
                .log(
                        now == TrialState.STOPPED
                                ? "canary stopped: it fails more often; all requests get the"
                                        + " current version. sluice canary show tells more"
                                : "canary is better: it fails less often, and goes on with its"
                                        + " share of the requests");
    }
}
