package dev.sluice.e2e;

import static dev.sluice.e2e.Pipeline.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.sluice.app.cli.common.ExitCode;
import dev.sluice.devkit.JavaProcess;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Admission on a file system that is really full. Runs only where the user may mount one. */
class FullDiskIT {
    private static final int PAGE_BYTES = 40_000;

    @TempDir private Path folder;

    @Test
    void admissionWhoseDiskIsFullEndsWithOneLineThatNamesTheFolder() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        if (run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk.toString()) != 0) {
            System.out.println("NOT TRIED: a full disk, for want of the right to mount one");
            abort("may not mount a file system");
        }
        try (Pipeline pipeline = new Pipeline(SimulatorSettings.defaults(), folder);
                JavaProcess admission =
                        pipeline.startProcess(
                                "0",
                                "admission",
                                Map.of("SLUICE_ADMISSION_STATE_DIR", disk.toString()))) {
            await().atMost(PATIENCE).until(() -> admission.log().contains("service started"));
            Path ballast = disk.resolve("ballast");
            fill(ballast);
            for (int i = 0; i < 100; i++) {
                pipeline.publish(
                        Pipeline.request("r" + i, Pipeline.page(i) + "x".repeat(PAGE_BYTES)));
            }

            await().atMost(PATIENCE).until(() -> !admission.isAlive());
            assertThat(admission.exitCode()).as(admission.log()).isEqualTo(ExitCode.FAILED);
            assertThat(admission.log())
                    .doesNotContain("a bug", "\tat ")
                    .contains("admission.state-dir " + disk + " is on a full disk");
            assertThat(admission.log().lines().filter(line -> line.contains("ERROR"))).hasSize(1);
        } finally {
            assertThat(run("umount", "-l", disk.toString())).isZero();
        }
    }

    private static void fill(Path file) throws IOException {
        byte[] block = new byte[4096];
        try (var out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left on device");
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(List.of(command))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        return process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : -1;
    }
}
