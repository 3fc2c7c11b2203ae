package dev.sluice.app.check;

import dev.sluice.app.config.SluiceConfig;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Checks the machine on which a service is to run. */
public final class MachineCheck {
    /** The oldest JDK that runs Sluice. */
    private static final int JDK = 25;

    /** Less heap than that is only enough to try it. */
    private static final long SMALL_HEAP = 256L << 20;

    /** Less space than that fills up while admission's state is restored. */
    private static final long SMALL_DISK = 1L << 30;

    private MachineCheck() {}

    /**
     * Checks this machine.
     *
     * @param keepsState whether admission runs here, which keeps its state on the disk
     */
    public static List<Finding> of(SluiceConfig config, boolean keepsState) {
        List<Finding> findings = new ArrayList<>();
        findings.add(jdk(Runtime.version(), Runtime.getRuntime()));
        findings.add(port(config.http().host(), config.http().port()));
        if (keepsState) {
            findings.add(state(config.admission().stateDir()));
        }
        return findings;
    }

    private static Finding jdk(Runtime.Version version, Runtime runtime) {
        String text =
                "%s, %d processors, a heap of up to %d MiB"
                        .formatted(
                                version, runtime.availableProcessors(), runtime.maxMemory() >> 20);
        if (version.feature() < JDK) {
            return Finding.problem("JDK", text + "; needed is " + JDK);
        }
        return runtime.maxMemory() < SMALL_HEAP
                ? Finding.warning("JDK", text + ", which is little; give it more memory, or -Xmx")
                : Finding.ok("JDK", text);
    }

    private static Finding port(String host, int port) {
        String place = host + ":" + port;
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return Finding.ok("HTTP port", port == 0 ? "any free port" : place + " is free");
        } catch (BindException e) {
            return Finding.warning(
                    "HTTP port",
                    place
                            + " is taken, or no address of this machine; if no service runs here"
                            + " already (sluice health says so), change http.host or http.port");
        } catch (IOException e) {
            return Finding.problem(
                    "HTTP port", "cannot listen at " + place + ": " + e.getMessage());
        }
    }

    private static Finding state(Path configured) {
        Path existing = configured.toAbsolutePath();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
            return Finding.problem(
                    "state folder",
                    existing
                            + " cannot be written; change its rights, or set admission.state-dir"
                            + " to another folder");
        }
        try {
            long free = Files.getFileStore(existing).getUsableSpace();
            String text = "%s, %d MiB free".formatted(configured, free >> 20);
            return free < SMALL_DISK
                    ? Finding.warning("state folder", text + ", which is little")
                    : Finding.ok("state folder", text);
        } catch (IOException e) {
            return Finding.problem("state folder", existing + ": " + e.getMessage());
        }
    }
}
