package dev.sluice.app.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Objects;
import java.util.Set;
import org.slf4j.event.KeyValuePair;

/**
 * Drops the lines of calls and results of requests that are not in the sample. All lines of a
 * request are kept or dropped together. The lines of dead letters are always kept.
 */
public final class RequestSampling extends Filter<ILoggingEvent> {
    /** The messages of the lines of a request. */
    private static final Set<String> OF_REQUESTS = Set.of("outcome published", "model called");

    private static final String NO_REASON = "NONE";
    private static final int PARTS = 1 << 20;

    private double share = 1;

    /** Sets the share of the requests whose lines are kept, from 0 to 1. Called by Logback. */
    public void setShare(double newShare) {
        share = newShare;
    }

    @Override
    public FilterReply decide(ILoggingEvent event) {
        return share >= 1
                        || !OF_REQUESTS.contains(String.valueOf(event.getMessage()))
                        || isKept(event)
                ? FilterReply.NEUTRAL
                : FilterReply.DENY;
    }

    private boolean isKept(ILoggingEvent event) {
        boolean isDeadLetter = false;
        String request = "";
        for (KeyValuePair pair : event.getKeyValuePairs()) {
            if (pair.key.equals("requestId")) {
                request = String.valueOf(pair.value);
            } else if (pair.key.equals("reason")) {
                isDeadLetter = !NO_REASON.equals(Objects.toString(pair.value, NO_REASON));
            }
        }
        return isDeadLetter || Math.floorMod(spread(request.hashCode()), PARTS) < share * PARTS;
    }

    /** The hash codes of r1, r2, r3 are neighbours; their spread is not. */
    private static int spread(int hash) {
        int once = (hash ^ (hash >>> 16)) * 0x45d9f3b;
        int twice = (once ^ (once >>> 16)) * 0x45d9f3b;
        return twice >>> 8;
    }
}
