package dev.sluice.analysis.compute;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;

/**
 * Checks whether the current computation was cut off, which interrupts its thread. Loops over
 * external input call these checks regularly.
 */
public final class CutOff {
    /** Characters between two checks. */
    private static final int CHUNK = 1_024;

    private CutOff() {}

    /**
     * Throws if the computation was cut off.
     *
     * @throws CutOffException if it was cut off
     */
    public static void check() {
        if (Thread.currentThread().isInterrupted()) {
            throw new CutOffException("cut off");
        }
    }

    /** Checks only in some rounds of a loop. */
    public static void check(int round) {
        if (round % CHUNK == 0) {
            check();
        }
    }

    /**
     * A reader that checks before each small piece, for parsers that cannot be stopped otherwise.
     */
    public static Reader reader(String text) {
        return new StringReader(text) {
            @Override
            public int read(char[] into, int offset, int length) throws IOException {
                check();
                return super.read(into, offset, Math.min(length, CHUNK));
            }
        };
    }

    /** A view of the text that checks while a regular expression reads it. */
    public static CharSequence checked(CharSequence text) {
        return new CheckedText(text);
    }

    /** Text that checks regularly: a matcher may do much work for each character read. */
    private static final class CheckedText implements CharSequence {
        private final CharSequence text;
        private int looks;

        CheckedText(CharSequence text) {
            this.text = text;
        }

        @Override
        public char charAt(int index) {
            if (++looks % 64 == 0) {
                check();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new CheckedText(text.subSequence(start, end));
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
