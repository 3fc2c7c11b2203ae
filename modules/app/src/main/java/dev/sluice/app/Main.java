package dev.sluice.app;

import dev.sluice.app.cli.SluiceCommand;
import java.util.Optional;

/** Entry point of the service's image, which contains no embedded broker and no simulator. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(SluiceCommand.execute(Optional.empty(), arguments));
    }
}
