package dev.sluice.app.config;

import dev.sluice.contract.Topics;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The valid values of a key. */
sealed interface Bound {
    /** Whether a text is a valid value. */
    boolean admits(String text);

    /** The valid values in words, such as "a whole number from 1 to 9". */
    String words();

    /** Whether a message may show an invalid value. */
    default boolean isShown() {
        return true;
    }

    /** A whole number. */
    record Whole(long least, long most) implements Bound {
        @Override
        public boolean admits(String text) {
            try {
                long value = Long.parseLong(text);
                return least <= value && value <= most;
            } catch (NumberFormatException e) {
                return false;
            }
        }

        @Override
        public String words() {
            return "a whole number from " + least + " to " + most;
        }
    }

    /**
     * A decimal number.
     *
     * @param above whether the value must be greater than {@code least}, and not equal to it
     */
    record Decimal(BigDecimal least, boolean above, BigDecimal most) implements Bound {
        private static final Pattern FORM = Pattern.compile("[+-]?\\d{1,20}(?:\\.\\d{1,20})?");

        @Override
        public boolean admits(String text) {
            if (!FORM.matcher(text).matches()) {
                return false;
            }
            BigDecimal value = new BigDecimal(text);
            int enough = value.compareTo(least);
            return (above ? enough > 0 : enough >= 0) && value.compareTo(most) <= 0;
        }

        @Override
        public String words() {
            return (above ? "a number above " : "a number from ")
                    + least.toPlainString()
                    + (above ? " and at most " : " to ")
                    + most.toPlainString();
        }
    }

    /** A duration. */
    record Time(Duration least, Duration most) implements Bound {
        @Override
        public boolean admits(String text) {
            try {
                Duration value = ConfigLoader.duration(text);
                return value.compareTo(least) >= 0 && value.compareTo(most) <= 0;
            } catch (IllegalArgumentException e) {
                return false;
            }
        }

        @Override
        public String words() {
            return "a duration from " + shown(least) + " to " + shown(most);
        }

        static String shown(Duration time) {
            if (time.toMillis() % 1_000 != 0) {
                return time.toMillis() + "ms";
            }
            return time.toSeconds() % 3_600 == 0 && !time.isZero()
                    ? time.toHours() + "h"
                    : time.toSeconds() + "s";
        }
    }

    /** One of these words, in upper or lower case. */
    record OneOf(Set<String> values) implements Bound {
        public OneOf {
            values = Set.copyOf(values);
        }

        @Override
        public boolean admits(String text) {
            return values.contains(text.toLowerCase(Locale.ROOT));
        }

        @Override
        public String words() {
            return "one of " + String.join(", ", new TreeSet<>(values));
        }
    }

    /** A time zone. */
    record Zone() implements Bound {
        @Override
        public boolean admits(String text) {
            try {
                return !ZoneId.of(text).getId().isEmpty();
            } catch (DateTimeException e) {
                return false;
            }
        }

        @Override
        public String words() {
            return "a time zone such as UTC or Europe/Berlin";
        }
    }

    /** Text that matches a pattern. */
    record Text(Pattern form, String words) implements Bound {
        @Override
        public boolean admits(String text) {
            return form.matcher(text).matches();
        }
    }

    /** Several names, as a list or separated by commas. */
    record Names() implements Bound {
        @Override
        public boolean admits(String text) {
            return Stream.of(text.split(",", -1))
                    .allMatch(name -> Topics.NAME.matcher(name.strip()).matches());
        }

        @Override
        public String words() {
            return "a list of names";
        }
    }

    /** Any text, which may be a secret. */
    record Anything() implements Bound {
        @Override
        public boolean admits(String text) {
            return true;
        }

        @Override
        public String words() {
            return "any text";
        }

        @Override
        public boolean isShown() {
            return false;
        }
    }
}
