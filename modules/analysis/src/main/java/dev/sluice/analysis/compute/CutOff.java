package dev.sluice.analysis.compute;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;

/**
 * How a computation finds out that it is to end: its thread is interrupted. Loops over what comes
 * from outside ask now and then.
 */
public final class CutOff {
    /** Characters that go by between two checks. */
    private static final int CHUNK = 1_024;

    private CutOff() {}

    /**
     * Goes on, unless the computation is to end.
     *
     * @throws CutOffException if it is
     */
    public static void check() {
        if (Thread.currentThread().isInterrupted()) {
            throw new CutOffException("cut off");
        }
    }

    /** The same, for each so many rounds of a loop. */
    public static void check(int round) {
        if (round % CHUNK == 0) {
            check();
        }
    }

    /** Reads a text in small pieces, and checks before each: for parsers, which have no end. */
    public static Reader reader(String text) {
        return new StringReader(text) {
            @Override
            public int read(char[] into, int offset, int length) throws IOException {
                check();
                return super.read(into, offset, Math.min(length, CHUNK));
            }
        };
    }

    /** The text for a regular expression, which then ends when the computation is to end. */
    public static CharSequence checked(CharSequence text) {
        return new CheckedText(text);
    }

    /** Checks now and then, since looking at a character may stand for much work. */
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
