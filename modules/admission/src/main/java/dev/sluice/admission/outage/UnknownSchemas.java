package dev.sluice.admission.outage;

import dev.sluice.admission.validate.UnknownSchemaException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Counts how often the registry answered that it does not know a schema. Each schema is asked for
 * once per probe, whatever the number of records. Not safe for use by several threads.
 */
final class UnknownSchemas {
    /**
     * Probes after which the answer of a registry is believed; before, a lagging replica may have
     * given it.
     */
    private static final int MOST = 5;

    /** The same if a proxy may have given the answer: ten minutes, at one probe per second. */
    private static final int MOST_DOUBTFUL = 600;

    private final Map<Integer, Counts> counts = new HashMap<>();
    private final Set<Integer> thisProbe = new HashSet<>();

    private static final class Counts {
        private int sure;
        private int doubtful;
        private String message = "";
    }

    /** Starts a probe. */
    void begin() {
        thisProbe.clear();
    }

    /** Whether the answer came in this probe already. */
    boolean isUnknownInThisProbe(int schema) {
        return thisProbe.contains(schema);
    }

    /** Counts an answer that the schema is unknown. */
    void add(int schema, UnknownSchemaException answer) {
        thisProbe.add(schema);
        Counts of = counts.computeIfAbsent(schema, _ -> new Counts());
        if (answer.isSure()) {
            of.sure++;
        } else {
            of.doubtful++;
        }
        of.message = String.valueOf(answer.getMessage());
    }

    /** Forgets the counts of a schema that was found. */
    void found(int schema) {
        counts.remove(schema);
    }

    /** Whether enough answers have come to give up on the schema. */
    boolean believed(int schema) {
        Counts of = counts.get(schema);
        return of != null && (of.sure > MOST || of.doubtful > MOST_DOUBTFUL);
    }

    /** The message of the last answer. */
    String message(int schema) {
        Counts of = counts.get(schema);
        return of == null ? "" : of.message;
    }
}
