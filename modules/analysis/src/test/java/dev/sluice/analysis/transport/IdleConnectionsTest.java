package dev.sluice.analysis.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.eclipse.jetty.util.Pool;
import org.junit.jupiter.api.Test;

class IdleConnectionsTest {
    private static final Duration AGE = Duration.ofHours(1);

    /** HTTP/2 servers set no limit at all, or the largest number. */
    @Test
    void connectionOfAServerThatSetsNoLimitCarriesManyCalls() {
        IdleConnections<String> pool = new IdleConnections<>(1, _ -> -1, AGE);
        Pool.Entry<String> _ = enabled(pool, "a");

        for (int i = 0; i < 100; i++) {
            assertThat(pool.acquire()).isNotNull();
        }
    }

    @Test
    void connectionThatIsTooOldGetsNoFurtherCall() {
        IdleConnections<String> pool = new IdleConnections<>(2, _ -> 1, Duration.ZERO);
        Pool.Entry<String> _ = enabled(pool, "old");

        assertThat(pool.acquire()).isNull();
        assertThat(pool.removeUnusedSince(System.nanoTime() - AGE.toNanos()))
                .containsExactly("old");
    }

    @Test
    void mostRecentlyUsedConnectionIsHandedOutFirst() {
        IdleConnections<String> pool = new IdleConnections<>(3, _ -> 1, AGE);
        Pool.Entry<String> one = enabled(pool, "one");
        Pool.Entry<String> two = enabled(pool, "two");
        assertThat(pool.acquire()).isSameAs(two);
        assertThat(pool.acquire()).isSameAs(one);
        assertThat(pool.acquire()).isNull();

        assertThat(two.release()).isTrue();
        assertThat(one.release()).isTrue();
        assertThat(pool.acquire()).isSameAs(one);
    }

    @Test
    void onlyConnectionsWithoutARecentCallAreRemoved() {
        IdleConnections<String> pool = new IdleConnections<>(3, _ -> 2, AGE);
        Pool.Entry<String> busy = enabled(pool, "busy");
        assertThat(pool.acquire()).isSameAs(busy);
        Pool.Entry<String> unused = enabled(pool, "unused");
        long before = System.nanoTime() - 1_000_000_000;
        assertThat(pool.removeUnusedSince(before)).isEmpty();

        assertThat(pool.removeUnusedSince(System.nanoTime() + 1)).containsExactly("unused");
        assertThat(unused.isTerminated()).isTrue();
        assertThat(pool.acquire()).isSameAs(busy);
        assertThat(pool.acquire()).isNull();
        assertThat(pool.size()).isEqualTo(1);
    }

    @Test
    void nothingIsReservedBeyondTheBoundOrAfterTheEnd() {
        IdleConnections<String> pool = new IdleConnections<>(1, _ -> 1, AGE);
        Pool.Entry<String> only = enabled(pool, "only");
        assertThat(pool.reserve()).isNull();
        assertThat(only.remove()).isTrue();
        assertThat(only.remove()).isFalse();
        assertThat(pool.reserve()).isNotNull();

        assertThat(pool.terminate()).hasSize(1);
        assertThat(pool.isTerminated()).isTrue();
        assertThat(pool.reserve()).isNull();
        assertThat(only.release()).isFalse();
    }

    /** No connection exceeds its number of calls, none is lost, and a removed one stays removed. */
    @Property
    void countsStayRight(
            @ForAll @Size(max = 300) List<@IntRange(max = 5) Integer> steps,
            @ForAll @IntRange(min = 1, max = 3) int carries) {
        IdleConnections<Integer> pool = new IdleConnections<>(10, _ -> carries, AGE);
        Map<Pool.Entry<Integer>, Integer> uses = new HashMap<>();
        List<Pool.Entry<Integer>> held = new ArrayList<>();
        for (int step : steps) {
            switch (step) {
                case 0 -> {
                    Pool.Entry<Integer> entry = pool.reserve();
                    assertThat(entry == null).isEqualTo(uses.size() == 10);
                    if (entry != null) {
                        assertThat(entry.enable(uses.size(), false)).isTrue();
                        uses.put(entry, 0);
                    }
                }
                case 1, 2, 3 -> {
                    Pool.Entry<Integer> entry = pool.acquire();
                    boolean room = uses.values().stream().anyMatch(used -> used < carries);
                    assertThat(entry != null).isEqualTo(room);
                    if (entry != null) {
                        assertThat(uses.merge(entry, 1, Integer::sum)).isLessThanOrEqualTo(carries);
                        held.add(entry);
                    }
                }
                case 4 -> {
                    if (!held.isEmpty()) {
                        Pool.Entry<Integer> entry = held.removeLast();
                        assertThat(entry.release()).isTrue();
                        uses.merge(entry, -1, Integer::sum);
                    }
                }
                default -> {
                    if (!held.isEmpty()) {
                        Pool.Entry<Integer> entry = held.getFirst();
                        assertThat(entry.remove()).isTrue();
                        assertThat(entry.release()).isFalse();
                        uses.remove(entry);
                        held.removeIf(other -> other == entry);
                    }
                }
            }
            assertThat(pool.size()).isEqualTo(uses.size());
            assertThat(pool.getInUseCount())
                    .isEqualTo((int) uses.values().stream().filter(used -> used > 0).count());
        }
    }

    private static Pool.Entry<String> enabled(IdleConnections<String> pool, String value) {
        Pool.Entry<String> entry = pool.reserve();
        assertThat(entry).isNotNull();
        assertThat(entry.enable(value, false)).isTrue();
        return entry;
    }
}
