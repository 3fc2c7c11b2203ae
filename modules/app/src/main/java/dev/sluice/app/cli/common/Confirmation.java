package dev.sluice.app.cli.common;

import java.io.Console;
import java.util.Locale;

/** Asks at the terminal whether to go on. */
public final class Confirmation {
    private Confirmation() {}

    /**
     * Asks a question; whether the answer is yes.
     *
     * @param otherwise what happens without an answer, such as {@code nothing is redriven}
     * @throws CommandFailedException if there is no terminal to ask at
     */
    public static boolean given(String question, String otherwise) {
        Console console = Terminal.isInteractive() ? System.console() : null;
        if (console == null) {
            throw new CommandFailedException(otherwise + " without --yes, or a terminal to ask at");
        }
        String answer = console.readLine("%s [y/N] ", question);
        return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
    }
}
