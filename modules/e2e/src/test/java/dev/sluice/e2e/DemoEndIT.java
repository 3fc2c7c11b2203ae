package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.demo.Main;
import dev.sluice.devkit.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo leaves no files behind. */
class DemoEndIT {

    @TempDir private Path folder;
    private Path temporary;

    @BeforeEach
    void makeTemporaryFolder() throws IOException {
        temporary = Files.createDirectory(folder.resolve("temporary"));
    }

    @Test
    void demoThatIsKeptAndTerminatedLeavesNoFolder() throws Exception {
        try (JavaProcess demo = start()) {
            await().atMost(PATIENCE).until(() -> demo.log().contains("bootstrapServers"));

            var _ = demo.stop();

            assertThat(left()).as(demo.log()).isEmpty();
        }
    }

    @Test
    void demoThatIsTerminatedWhileItStartsLeavesNoFolder() throws Exception {
        try (JavaProcess demo = start()) {
            await().atMost(PATIENCE).until(() -> !left().isEmpty());

            var _ = demo.stop();

            assertThat(left()).as(demo.log()).isEmpty();
        }
    }

    private JavaProcess start() throws IOException {
        return JavaProcess.start(
                new JavaProcess.Program(
                        Main.class.getName(),
                        List.of(
                                "demo",
                                "--keep",
                                "--json",
                                "--pages",
                                System.getProperty("examples.pages")),
                        List.of("-Djava.io.tmpdir=" + temporary),
                        Map.of()),
                folder.resolve("demo.log"));
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> entries = Files.list(temporary)) {
            return entries.filter(entry -> String.valueOf(entry.getFileName()).startsWith("sluice"))
                    .toList();
        }
    }
}
