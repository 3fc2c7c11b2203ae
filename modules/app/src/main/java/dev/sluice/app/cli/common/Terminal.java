package dev.sluice.app.cli.common;

import java.io.Console;
import java.util.Optional;

/** Detects whether output goes to a terminal. */
public final class Terminal {
    private Terminal() {}

    public static boolean isInteractive() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }
}
