package dev.sluice.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The dialect of one provider's server: its path, its errors, its limit headers, and its fields.
 */
public final class ServerDialect {
    private final String label;
    private final String description;
    private final String path;
    private final boolean keyNeeded;
    private final ServerErrors errors;
    private final LimitHeaders limits;
    private final Deviation chat;
    private final Deviation messages;

    /** Writes a server's headers about its token limit. */
    interface LimitHeaders {
        Map<String, String> of(Dialect dialect, Quota.Standing standing, Instant now);
    }

    private ServerDialect(Sketch sketch) {
        this.label = sketch.label;
        this.description = sketch.description;
        this.path = sketch.path;
        this.keyNeeded = sketch.keyNeeded;
        this.errors = sketch.errors;
        this.limits = sketch.limits;
        this.chat = sketch.chat;
        this.messages = sketch.messages;
    }

    /** A server without deviations: both interfaces as their own providers document them. */
    public static ServerDialect plain() {
        return ServerDialects.PLAIN;
    }

    /** All dialects that have a name. */
    public static List<ServerDialect> all() {
        return ServerDialects.ALL;
    }

    /**
     * The dialect with this name.
     *
     * @throws IllegalArgumentException with the similar names, if there is none
     */
    public static ServerDialect labelled(String label) {
        return all().stream()
                .filter(dialect -> dialect.label.equals(label))
                .findFirst()
                .orElseThrow(() ->
                        NameLookup.unknown(
                                "dialect",
                                label,
                                all().stream().map(ServerDialect::label).toList()));
    }

    /** The name used on the command line. */
    public String label() {
        return label;
    }

    /** The differences in one line. */
    public String description() {
        return description;
    }

    /** The path before {@code /chat/completions}. */
    String path() {
        return path;
    }

    /** Whether a call needs a key. */
    boolean keyNeeded() {
        return keyNeeded;
    }

    Deviation habits(Dialect dialect) {
        return isMessages(dialect) ? messages : chat;
    }

    Map<String, String> limits(Dialect dialect, Quota.Standing standing, Instant now) {
        return isMessages(dialect)
                ? dialect.limits(standing, now)
                : limits.of(dialect, standing, now);
    }

    /**
     * An error answer.
     *
     * @param detail the model, or the mistake in the request
     */
    ChatAnswer error(Dialect dialect, Trouble trouble, String detail) {
        return isMessages(dialect)
                ? ServerErrors.plain().answer(dialect, trouble, detail)
                : errors.answer(trouble, detail);
    }

    /** A 429 answer with the time to wait. */
    ChatAnswer throttled(Dialect dialect, Duration later) {
        return isMessages(dialect)
                ? ServerErrors.exactSeconds(error(dialect, Trouble.THROTTLED, ""), later)
                : errors.throttled(later);
    }

    private static boolean isMessages(Dialect dialect) {
        return dialect instanceof AnthropicDialect;
    }

    /** Builder of a dialect. */
    static final class Sketch {
        private final String label;
        private final String description;
        private String path = "/v1";
        private boolean keyNeeded = true;
        private ServerErrors errors = ServerErrors.plain();
        private LimitHeaders limits = Dialect::limits;
        private Deviation chat = Deviation.NONE;
        private Deviation messages = Deviation.NONE;

        Sketch(String label, String description) {
            this.label = label;
            this.description = description;
        }

        Sketch at(String newPath) {
            path = newPath;
            return this;
        }

        Sketch keyless() {
            keyNeeded = false;
            return this;
        }

        Sketch errors(ServerErrors newErrors) {
            errors = newErrors;
            return this;
        }

        Sketch limits(LimitHeaders newLimits) {
            limits = newLimits;
            return this;
        }

        /** Deviations in chat completions. */
        Sketch chat(Deviation... habits) {
            chat = Deviation.all(List.of(habits));
            return this;
        }

        /** Deviations in messages. */
        Sketch messages(Deviation... habits) {
            messages = Deviation.all(List.of(habits));
            return this;
        }

        ServerDialect done() {
            return new ServerDialect(this);
        }
    }
}
