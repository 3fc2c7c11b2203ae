package dev.sluice.admission.outage;

import dev.sluice.admission.validate.UnknownSchemaException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How often the registry has said of schemas that it does not know them. Each is asked for once a
 * probe, however many records wait for it.
 */
final class UnknownSchemas {
    /** Probes after which a registry is believed: a replica that lags behind says the same. */
    private static final int MOST = 5;

    /** The same where it may have been a proxy that said so: ten minutes, with a probe a second. */
    private static final int MOST_DOUBTFUL = 600;

    private final Map<Integer, Counts> counts = new HashMap<>();
    private final Set<Integer> thisProbe = new HashSet<>();

    private static final class Counts {
        private int sure;
        private int doubtful;
        private String message = "";
    }

    /** A probe begins. */
    void begin() {
        thisProbe.clear();
    }

    /** Whether this probe was told already. */
    boolean isUnknownInThisProbe(int schema) {
        return thisProbe.contains(schema);
    }

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

    /** It is there. */
    void found(int schema) {
        counts.remove(schema);
    }

    /** Whether nobody will ever know it. */
    boolean believed(int schema) {
        Counts of = counts.get(schema);
        return of != null && (of.sure > MOST || of.doubtful > MOST_DOUBTFUL);
    }

    /** What was said last. */
    String message(int schema) {
        Counts of = counts.get(schema);
        return of == null ? "" : of.message;
    }
}
