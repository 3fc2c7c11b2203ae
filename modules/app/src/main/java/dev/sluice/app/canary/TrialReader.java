package dev.sluice.app.canary;

import dev.sluice.admission.canary.Trial;
import dev.sluice.admission.canary.TrialCounts;
import dev.sluice.admission.canary.Trials;
import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.runtime.kafka.KafkaConnection;
import dev.sluice.runtime.kafka.TopicReader;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;

/** Reads the counts of trials, as last published by admission. */
public final class TrialReader {
    private TrialReader() {}

    /**
     * The trials of the configured canaries, in their states.
     *
     * @throws dev.sluice.runtime.kafka.EnvironmentException if the topic does not exist
     */
    public static Trials trials(KafkaConnection connection, AnalysisCatalog analyses) {
        Trials trials = Trials.of(analyses);
        if (!trials.isEmpty()) {
            Map<String, TrialCounts> counts = read(connection);
            for (Trial trial : trials.all()) {
                Optional.ofNullable(counts.get(trial.id()))
                        .ifPresent(known -> trials.restored(trial, known.state()));
            }
        }
        return trials;
    }

    /**
     * The counts of all trials of the last five weeks, by the id of the trial; those of all
     * admission tasks together.
     *
     * @throws dev.sluice.runtime.kafka.EnvironmentException if the topic does not exist
     */
    public static Map<String, TrialCounts> read(KafkaConnection connection) {
        Map<Bytes, byte[]> latest = new HashMap<>();
        try (TopicReader reader = TopicReader.open(connection)) {
            reader.readAll(
                    connection.topics().trials(),
                    record -> {
                        if (record.key() == null) {
                            return;
                        }
                        Bytes key = Bytes.wrap(record.key());
                        if (record.value() == null) {
                            latest.remove(key);
                        } else {
                            latest.put(key, record.value());
                        }
                    });
        }
        Map<String, TrialCounts> sums = new TreeMap<>();
        latest.forEach((key, value) ->
                TrialCounts.published(key.get(), value)
                        .ifPresent(
                                one -> sums.merge(one.trial(), one.counts(), TrialCounts::plus)));
        return sums;
    }
}
