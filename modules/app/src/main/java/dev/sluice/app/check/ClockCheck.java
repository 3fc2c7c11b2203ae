package dev.sluice.app.check;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Compares this machine's clock with that of an HTTP server. */
public final class ClockCheck {
    private static final String SUBJECT = "clock";
    private static final int TIMEOUT_MS = 3_000;

    /** The server's time has whole seconds, and the answer takes its time. */
    private static final Duration TOLERATED = Duration.ofSeconds(5);

    private ClockCheck() {}

    /**
     * Compares the clocks. Any answer has the time, also one that demands a login.
     *
     * @param server address of the server, without credentials
     */
    public static Finding of(String server, InstantSource clock) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(server).toURL().openConnection();
            connection.setConnectTimeout(TIMEOUT_MS);
            connection.setReadTimeout(TIMEOUT_MS);
            connection.setRequestMethod("HEAD");
            var _ = connection.getResponseCode();
            long theirs = connection.getDate();
            connection.disconnect();
            return theirs == 0
                    ? notCompared(server, "its answer has no date")
                    : compared(server, clock.instant(), Instant.ofEpochMilli(theirs));
        } catch (IOException | IllegalArgumentException | ClassCastException e) {
            return notCompared(server, String.valueOf(e.getMessage()));
        }
    }

    private static Finding compared(String server, Instant ours, Instant theirs) {
        Duration ahead = Duration.between(theirs, ours);
        return ahead.abs().compareTo(TOLERATED) <= 0
                ? Finding.ok(SUBJECT, "as that of " + server)
                : Finding.problem(
                        SUBJECT,
                        "%d s %s that of %s: deadlines and budget days would be wrong; synchronise"
                                        .formatted(
                                                ahead.abs().toSeconds(),
                                                ahead.isNegative() ? "behind" : "ahead of",
                                                server)
                                + " both with NTP");
    }

    private static Finding notCompared(String server, String why) {
        return Finding.warning(SUBJECT, "not compared with that of " + server + ": " + why);
    }
}
