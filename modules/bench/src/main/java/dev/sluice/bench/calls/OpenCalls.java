package dev.sluice.bench.calls;

import dev.sluice.bench.Core;
import dev.sluice.bench.StubServer;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** B2. */
@Command(
        name = "open-calls",
        description =
                "B2: how many calls can be open at once? Each takes a second; ideal is as many calls"
                        + " a second as are open. Client and stub have a core each.")
public final class OpenCalls implements Callable<Integer> {
    @Option(names = "--open", split = ",", defaultValue = "1000,4000,8000")
    private int[] open = {};

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
    public Integer call() throws IOException {
        System.out.printf(
                "B2 request %d bytes, reply %d bytes, reply after 1 s; clients %s%n",
                Client.REQUEST_BYTES, StubServer.REPLY_BYTES, Arrays.toString(clients));
        for (int calls : open) {
            for (Client client : clients) {
                try (Core.Running stub =
                                Core.SERVER.start(
                                        StubServer.class, List.of(), List.of("1000", "false"));
                        Core.Running run =
                                Core.startUnpinned(
                                        OpenCallsRun.class,
                                        List.of(),
                                        List.of(
                                                client.name(),
                                                "http://127.0.0.1:" + stub.first(),
                                                String.valueOf(calls),
                                                String.valueOf(warmUp),
                                                String.valueOf(seconds)))) {
                    System.out.printf("B2 %5d open  %-12s %s%n", calls, client, run.first());
                }
            }
        }
        return 0;
    }
}
