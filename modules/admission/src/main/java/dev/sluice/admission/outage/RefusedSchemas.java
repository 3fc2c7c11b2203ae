package dev.sluice.admission.outage;

import dev.sluice.admission.check.UnknownSchemaException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How often the registry has said of schemas that it does not know them. Each is asked for once a
 * probe, however many records wait for it.
 */
final class RefusedSchemas {
    /** Probes after which a registry is believed: a replica that lags behind says the same. */
    private static final int MOST = 5;

    /** The same where it may have been a proxy that said so: ten minutes, with a probe a second. */
    private static final int MOST_DOUBTFUL = 600;

    private final Map<Integer, Refusals> refusals = new HashMap<>();
    private final Set<Integer> thisProbe = new HashSet<>();

    private static final class Refusals {
        private int sure;
        private int doubtful;
        private String message = "";
    }

    /** A probe begins. */
    void begin() {
        thisProbe.clear();
    }

    /** Whether this probe was told already. */
    boolean refusedNow(int schema) {
        return thisProbe.contains(schema);
    }

    void refused(int schema, UnknownSchemaException refusal) {
        thisProbe.add(schema);
        Refusals of = refusals.computeIfAbsent(schema, _ -> new Refusals());
        if (refusal.isSure()) {
            of.sure++;
        } else {
            of.doubtful++;
        }
        of.message = String.valueOf(refusal.getMessage());
    }

    /** It is there. */
    void found(int schema) {
        refusals.remove(schema);
    }

    /** Whether nobody will ever know it. */
    boolean believed(int schema) {
        Refusals of = refusals.get(schema);
        return of != null && (of.sure > MOST || of.doubtful > MOST_DOUBTFUL);
    }

    /** What was said last. */
    String message(int schema) {
        Refusals of = refusals.get(schema);
        return of == null ? "" : of.message;
    }
}
