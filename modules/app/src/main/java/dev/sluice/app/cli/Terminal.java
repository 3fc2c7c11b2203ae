package dev.sluice.app.cli;

import java.io.Console;
import java.util.Optional;

/** Whether somebody is watching. */
public final class Terminal {
    private Terminal() {}

    public static boolean isInteractive() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }
}
