package dev.sluice.app.cli.common;

/** Exit codes of all commands; 0 is success. */
public final class ExitCode {
    /** A correct command that failed. */
    public static final int FAILED = 1;

    /** A mistake in the command line or in the configuration. */
    public static final int MISUSED = 2;

    /** Some files or requests ended as dead letters. */
    public static final int DEAD_LETTERS = 3;

    /** An eval found an analysis worse than its baseline. */
    public static final int WORSE = 4;

    private ExitCode() {}
}
