package dev.sluice.bench.pipeline;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Benchmark B8: how long admission takes to restore its state. */
@Command(
        name = "restore",
        description =
                "B8: how long until admission works again when its state is gone? Users with a request"
                        + " each, a kill, and a start without the folder.")
public final class Restore implements Callable<Integer> {
    @Option(names = "--users", defaultValue = "1000000")
    private int users;

    @Option(names = "--content-bytes", defaultValue = "256")
    private int contentBytes;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        try (Bench bench = Bench.ofAdmission(contentBytes, 1)) {
            Duration empty = bench.restart();
            System.out.printf("B8 no users: ready after %.1f s%n", seconds(empty));
        }
        try (Bench bench = Bench.ofAdmission(contentBytes, users)) {
            var _ = bench.load().run("u-", users, 0);
            long bytes = changelog(bench.installation());
            Duration restored = bench.restart();
            System.out.printf(
                    "B8 %d users: changelog %d MB, ready after %.1f s%n",
                    users, bytes >> 20, seconds(restored));
        }
        return 0;
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1e3;
    }

    private static long changelog(Installation installation)
            throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(installation.connection().client())) {
            int broker = admin.describeCluster().nodes().get().iterator().next().id();
            return admin.describeLogDirs(Set.of(broker)).allDescriptions().get().values().stream()
                    .flatMap(folders -> folders.values().stream())
                    .flatMap(folder -> folder.replicaInfos().entrySet().stream())
                    .filter(replica -> replica.getKey().topic().endsWith("-changelog"))
                    .mapToLong(replica -> replica.getValue().size())
                    .sum();
        }
    }
}
