package dev.sluice.analysis.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MutexTest {
    @Test
    void virtualThreadsThatWaitedForItRunValidCode() throws Exception {
        // In a JVM of its own, where the class is not loaded yet. With this compiler alone, and
        // with "synchronized" in place of the mutex, it fails each time.
        Process jvm =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                QueueAtLock.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(jvm.waitFor()).as(output).isZero();
    }
}
