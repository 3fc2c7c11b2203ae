package dev.sluice.app.cli.common;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts a rate on the command line, such as {@code 50/s}, to a number a second. */
public final class RateConverter implements ITypeConverter<Double> {
    private static final Pattern RATE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)/(s|m|h)");

    @Override
    public Double convert(String text) {
        Matcher rate = RATE.matcher(text);
        if (!rate.matches() || Double.parseDouble(rate.group(1)) == 0) {
            throw new TypeConversionException(
                    "'" + text + "' is not a rate; write 50/s, 200/m or 1000/h");
        }
        double number = Double.parseDouble(rate.group(1));
        return switch (rate.group(2)) {
            case "s" -> number;
            case "m" -> number / 60;
            default -> number / 3_600;
        };
    }
}
