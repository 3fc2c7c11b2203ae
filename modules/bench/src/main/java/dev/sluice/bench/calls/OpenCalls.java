package dev.sluice.bench.calls;

import dev.sluice.bench.measure.Core;
import dev.sluice.bench.measure.StubServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Benchmark B2: how many calls one core can hold open. */
@Command(
        name = "open-calls",
        description =
                "B2: how many calls can be open at once? Each takes a second; ideal is as many calls"
                        + " a second as are open. Client and stub have a core each.")
public final class OpenCalls implements Callable<Integer> {
    @Option(names = "--open", split = ",", defaultValue = "1000,4000,8000")
    private int[] open = {};

    @Option(
            names = "--servers",
            split = ",",
            defaultValue = "PLAIN",
            description =
                    "${COMPLETION-CANDIDATES}; CLOSING closes each connection after ten replies.")
    private ServerKind[] servers = {};

    @Option(names = "--clients", split = ",")
    private Client[] clients = Client.values();

    @Option(
            names = "--warm-up",
            defaultValue = "40",
            description = "Seconds of calls that are answered at once.")
    private int warmUp;

    @Option(names = "--seconds", defaultValue = "20")
    private int seconds;

    @Override
    public Integer call() throws IOException, InterruptedException {
        System.out.printf(
                "B2 request %d bytes, reply %d bytes, reply after 1 s; clients %s%n",
                Client.REQUEST_BYTES, StubServer.REPLY_BYTES, Arrays.toString(clients));
        Path store = Certificate.make();
        for (ServerKind server : servers) {
            for (int calls : open) {
                for (Client client : clients) {
                    measure(server, store, calls, client);
                }
            }
        }
        return 0;
    }

    private void measure(ServerKind server, Path store, int calls, Client client)
            throws IOException {
        try (Core.Running stub = server.start(store);
                Core.Running run =
                        Core.startUnpinned(
                                1,
                                Core.HEAP,
                                OpenCallsRun.class,
                                Certificate.trust(store),
                                List.of(
                                        client.name(),
                                        server.url(stub),
                                        String.valueOf(calls),
                                        String.valueOf(warmUp),
                                        String.valueOf(server.openingSeconds(calls)),
                                        String.valueOf(seconds)))) {
            System.out.printf("B2 %-8s %5d open  %-12s %s%n", server, calls, client, run.first());
        }
    }
}
