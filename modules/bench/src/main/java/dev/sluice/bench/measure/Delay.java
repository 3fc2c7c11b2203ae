package dev.sluice.bench.measure;

import java.util.OptionalLong;
import java.util.Random;

/**
 * The time that the model takes for a request, as a mark in the request's text: so the load and the
 * model agree on it, and all contenders get the same times.
 */
public final class Delay {
    /** How far the times are from each other: most are between half and twice the mean. */
    private static final double SIGMA = 0.5;

    private static final String BEGIN = "~delay=";
    private static final int DIGITS = 9;
    private static final int MARK = BEGIN.length() + DIGITS;

    private Delay() {}

    /**
     * A random time in nanoseconds, log-normal; the same for the same number.
     *
     * @param meanNanos mean of all times
     */
    public static long draw(long number, long meanNanos) {
        double normal = new Random(number * 0x9E3779B97F4A7C15L).nextGaussian();
        return (long) (meanNanos * Math.exp(SIGMA * normal - SIGMA * SIGMA / 2));
    }

    /** The mark of a time, in microseconds. */
    public static String mark(long nanos) {
        return BEGIN + String.format("%0" + DIGITS + "d", nanos / 1_000);
    }

    /** The time of the mark in a request, in nanoseconds; empty if it has none. */
    static OptionalLong find(byte[] request, int length) {
        for (int at = 0; at + MARK <= length; at++) {
            if (request[at] == '~' && isMark(request, at)) {
                long micros = 0;
                for (int i = at + BEGIN.length(); i < at + MARK; i++) {
                    micros = 10 * micros + request[i] - '0';
                }
                return OptionalLong.of(micros * 1_000);
            }
        }
        return OptionalLong.empty();
    }

    private static boolean isMark(byte[] request, int at) {
        for (int i = 0; i < BEGIN.length(); i++) {
            if (request[at + i] != BEGIN.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
