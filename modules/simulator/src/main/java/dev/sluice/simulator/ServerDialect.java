package dev.sluice.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The habits of one provider's server: its path, its errors, its limits, its fields. */
public final class ServerDialect {
    private final String label;
    private final String description;
    private final String path;
    private final boolean keyNeeded;
    private final ServerErrors errors;
    private final LimitHeaders limits;
    private final Deviation chat;
    private final Deviation messages;

    /** What a server says of its limit of tokens. */
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

    /** A server without habits: both interfaces as their own providers document them. */
    public static ServerDialect plain() {
        return ServerDialects.PLAIN;
    }

    /** All that can be asked for by name. */
    public static List<ServerDialect> all() {
        return ServerDialects.ALL;
    }

    /**
     * The dialect of that name.
     *
     * @throws IllegalArgumentException with what may have been meant, if there is none
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

    /** What is peculiar, in one line. */
    public String description() {
        return description;
    }

    /** What comes before {@code /chat/completions}. */
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
     * Says what is wrong.
     *
     * @param detail the model, or what is wrong with the request
     */
    ChatAnswer error(Dialect dialect, Trouble trouble, String detail) {
        return isMessages(dialect)
                ? ServerErrors.plain().answer(dialect, trouble, detail)
                : errors.answer(trouble, detail);
    }

    /** Turns a call away until later. */
    ChatAnswer throttled(Dialect dialect, Duration later) {
        return isMessages(dialect)
                ? ServerErrors.exactSeconds(error(dialect, Trouble.THROTTLED, ""), later)
                : errors.throttled(later);
    }

    private static boolean isMessages(Dialect dialect) {
        return dialect instanceof AnthropicDialect;
    }

    /** A dialect that is being described. */
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

        /** Habits of chat completions. */
        Sketch chat(Deviation... habits) {
            chat = Deviation.all(List.of(habits));
            return this;
        }

        /** Habits of messages. */
        Sketch messages(Deviation... habits) {
            messages = Deviation.all(List.of(habits));
            return this;
        }

        ServerDialect done() {
            return new ServerDialect(this);
        }
    }
}
