package dev.sluice.analysis.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.util.Promise;
import org.junit.jupiter.api.Test;

class NameLookupsTest {
    private final CountDownLatch silent = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final NameLookups names =
            new NameLookups(
                    host -> {
                        asked.incrementAndGet();
                        if (host.startsWith("silent")) {
                            try {
                                silent.await();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        }
                        if (host.startsWith("unknown")) {
                            throw new UnknownHostException(host);
                        }
                        return new InetAddress[] {
                            InetAddress.getByAddress(new byte[] {127, 0, 0, 1})
                        };
                    },
                    Duration.ofMillis(300));

    @Test
    void silentNameServerOfOneHostHoldsUpNoOther() throws Exception {
        List<Promise.Completable<List<InetSocketAddress>>> waiting = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            waiting.add(resolve("silent-" + i % 5));
        }

        assertThat(resolve("quick").get(1, TimeUnit.SECONDS))
                .containsExactly(new InetSocketAddress("127.0.0.1", 443));
        for (Promise.Completable<List<InetSocketAddress>> silentHost : waiting) {
            assertThatThrownBy(silentHost::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(TimeoutException.class);
        }
        await().untilAsserted(() -> assertThat(asked).as("one look-up for each host").hasValue(6));
        silent.countDown();
    }

    @Test
    void hostIsLookedUpAgainForEachNewConnection() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertThat(resolve("quick").get(1, TimeUnit.SECONDS)).hasSize(1);
        }
        assertThat(asked.get()).isEqualTo(3);
    }

    @Test
    void unknownHostIsReported() {
        assertThatThrownBy(() -> resolve("unknown").get(1, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(UnknownHostException.class);
    }

    private Promise.Completable<List<InetSocketAddress>> resolve(String host) {
        Promise.Completable<List<InetSocketAddress>> found = new Promise.Completable<>();
        names.resolve(host, 443, Map.of(), found);
        return found;
    }
}
