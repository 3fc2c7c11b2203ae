package dev.sluice.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SluiceCommandTest {
    private final CommandLine whole = SluiceCommand.commandLine(Optional.empty());

    @Test
    void listsEverySubcommandWithoutCreatingIt() {
        CommandLine outlined = SluiceCommand.commandLine(Optional.empty(), _ -> false);

        assertThat(outlined.getUsageMessage()).isEqualTo(whole.getUsageMessage());
        assertThat(outlined.getSubcommands().values())
                .allSatisfy(command -> assertThat(command.getCommandSpec().options()).isEmpty());
    }

    @Test
    void createsTheSubcommandThatIsCalled() {
        CommandLine called = SluiceCommand.commandLine(Optional.empty(), "dead-letters"::equals);

        assertThat(called.getSubcommands().get("dead-letters").getUsageMessage())
                .isEqualTo(whole.getSubcommands().get("dead-letters").getUsageMessage());
    }
}
