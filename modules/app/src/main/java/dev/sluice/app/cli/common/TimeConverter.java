package dev.sluice.app.cli.common;

import dev.sluice.app.config.ConfigLoader;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts a time on the command line: how long ago, a day, or an instant. */
public final class TimeConverter implements ITypeConverter<Instant> {
    private static final Pattern DAYS = Pattern.compile("(\\d{1,5})d");
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");

    private final InstantSource clock;

    public TimeConverter() {
        this(InstantSource.system());
    }

    TimeConverter(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Instant convert(String text) {
        try {
            if (DATE.matcher(text).matches()) {
                return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
            }
            return text.contains("-") || text.contains(":")
                    ? Instant.parse(text)
                    : clock.instant().minus(ago(text));
        } catch (DateTimeException | IllegalArgumentException e) {
            throw new TypeConversionException(
                    "'"
                            + text
                            + "' is not a time; write how long ago (30m, 24h, 7d), a day"
                            + " (2026-11-30, in UTC), or an instant (2026-11-30T06:00:00Z)");
        }
    }

    private static Duration ago(String text) {
        Matcher days = DAYS.matcher(text);
        return days.matches()
                ? Duration.ofDays(Long.parseLong(days.group(1)))
                : ConfigLoader.duration(text);
    }
}
