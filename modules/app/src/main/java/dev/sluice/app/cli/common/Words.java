package dev.sluice.app.cli.common;

import java.util.Locale;

/** Numbers in sentences. */
public final class Words {
    private Words() {}

    /** A number of things: {@code 1 request}, {@code 2,000 requests}. */
    public static String count(long number, String thing) {
        return String.format(Locale.ROOT, "%,d %s%s", number, thing, number == 1 ? "" : "s");
    }
}
