package dev.sluice.analysis.transport;

import dev.sluice.analysis.concurrent.Mutex;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.eclipse.jetty.util.Pool;
import org.jspecify.annotations.Nullable;

/**
 * Connection pool that hands out the most recently used connection in constant time. The HTTP
 * client's own pools search all connections, which is most of the work at thousands of open calls.
 * The most recently used connection is the least likely to have been closed by the server. A
 * connection that supports several calls at once is handed out until it has that many. Safe for use
 * by many threads.
 *
 * @param <P> type of the connections
 */
final class IdleConnections<P> implements Pool<P> {
    /** Most calls at once on a connection whose server sets no limit. */
    private static final int UNLIMITED = 1_000;

    private static final int MOST_REMOVED = 256;

    private final int maxSize;
    private final ToIntFunction<P> maxUses;
    private final long maxAgeNanos;
    private final Mutex mutex = new Mutex();
    private final Set<Connection> all = new LinkedHashSet<>();
    private final Deque<Connection> usable = new ArrayDeque<>();

    /** Connections recently closed during a call; the result of the call is reported afterwards. */
    private final Deque<Connection> removed = new ArrayDeque<>();

    private boolean terminated;

    private final IdleTimeoutEstimate idleTimeout = new IdleTimeoutEstimate();

    /**
     * @param maxUses number of calls a connection supports at once; negative for any number
     * @param maxAge age after which a connection gets no further call, because the server may have
     *     moved
     */
    IdleConnections(int maxSize, ToIntFunction<P> maxUses, Duration maxAge) {
        this.maxSize = maxSize;
        this.maxUses = maxUses;
        this.maxAgeNanos = maxAge.toNanos();
    }

    @Override
    public @Nullable Entry<P> reserve() {
        try (var _ = mutex.hold()) {
            if (terminated || all.size() >= maxSize) {
                return null;
            }
            Connection entry = new Connection();
            all.add(entry);
            return entry;
        }
    }

    @Override
    public @Nullable Entry<P> acquire() {
        try (var _ = mutex.hold()) {
            long now = System.nanoTime();
            Connection entry = usable.peekFirst();
            while (entry != null && !entry.isFit(now)) {
                entry = usable.peekFirst();
            }
            if (terminated || entry == null) {
                return null;
            }
            entry.begin(now);
            return entry;
        }
    }

    @Override
    public boolean isTerminated() {
        try (var _ = mutex.hold()) {
            return terminated;
        }
    }

    @Override
    public Collection<Entry<P>> terminate() {
        try (var _ = mutex.hold()) {
            terminated = true;
            List<Entry<P>> ended = new ArrayList<>(all);
            all.forEach(entry -> entry.gone = true);
            all.clear();
            usable.clear();
            return ended;
        }
    }

    @Override
    public int size() {
        try (var _ = mutex.hold()) {
            return all.size();
        }
    }

    @Override
    public int getMaxSize() {
        return maxSize;
    }

    @Override
    public Stream<Entry<P>> stream() {
        try (var _ = mutex.hold()) {
            return List.<Entry<P>>copyOf(all).stream();
        }
    }

    /**
     * Retires a connection that failed before any answer. If it had been idle and failed at once,
     * the server drops idle connections: for some minutes connections are reused only if they were
     * idle for at most half that time; otherwise new ones are opened.
     */
    void failed(P failed) {
        try (var _ = mutex.hold()) {
            long now = System.nanoTime();
            Stream.concat(all.stream(), removed.stream())
                    .filter(entry -> failed.equals(entry.pooled))
                    .forEach(entry -> entry.use.failed(idleTimeout, now));
        }
        retire(failed);
    }

    /** Gives the connection no further calls; its current calls continue. */
    void retire(P retired) {
        try (var _ = mutex.hold()) {
            for (Connection entry : all) {
                if (retired.equals(entry.pooled)) {
                    entry.retire();
                }
            }
        }
    }

    /**
     * Removes and returns the connections without a call since the given time.
     *
     * @param since a {@link System#nanoTime}
     */
    List<P> removeUnusedSince(long since) {
        try (var _ = mutex.hold()) {
            idleTimeout.fade();
            List<Connection> unused =
                    all.stream().filter(entry -> entry.isUnusedSince(since)).toList();
            List<P> removed = new ArrayList<>();
            for (Connection entry : unused) {
                removed.add(entry.getPooled());
                boolean _ = entry.remove();
            }
            return removed;
        }
    }

    /**
     * Connections with calls that have had no answer since the given time.
     *
     * @param since a {@link System#nanoTime}
     */
    List<P> silentSince(long since) {
        try (var _ = mutex.hold()) {
            return all.stream()
                    .filter(entry -> !entry.retired && entry.use.isSilentSince(since))
                    .map(Connection::getPooled)
                    .toList();
        }
    }

    /** Marks a connection as alive; it may get further calls. */
    void markAlive(P alive) {
        try (var _ = mutex.hold()) {
            for (Connection entry : all) {
                if (alive.equals(entry.pooled)) {
                    entry.use.answered(System.nanoTime());
                    entry.offer();
                }
            }
        }
    }

    /** One connection and its number of calls. */
    private final class Connection implements Entry<P> {
        private @Nullable P pooled;
        private final ConnectionUse use = new ConnectionUse();

        private boolean usableNow;
        private boolean retired;
        private boolean gone;

        @Override
        public boolean enable(P value, boolean acquire) {
            try (var _ = mutex.hold()) {
                if (gone || terminated) {
                    return false;
                }
                if (pooled != null) {
                    throw new IllegalStateException("enabled already");
                }
                pooled = value;
                long now = System.nanoTime();
                use.opened(now);
                offer();
                if (acquire) {
                    begin(now);
                }
                return true;
            }
        }

        @Override
        public P getPooled() {
            try (var _ = mutex.hold()) {
                if (pooled == null) {
                    throw new IllegalStateException("not enabled yet");
                }
                return pooled;
            }
        }

        @Override
        public boolean release() {
            try (var _ = mutex.hold()) {
                if (gone || terminated) {
                    return false;
                }
                long now = System.nanoTime();
                use.end(now);
                if (use.isOlderThan(maxAgeNanos, now)) {
                    retire();
                }
                offer();
                return true;
            }
        }

        @Override
        public boolean remove() {
            try (var _ = mutex.hold()) {
                if (gone) {
                    return false;
                }
                gone = true;
                all.remove(this);
                if (use.open() > 0) {
                    removed.addLast(this);
                    if (removed.size() > MOST_REMOVED) {
                        removed.removeFirst();
                    }
                }
                if (usableNow) {
                    usable.remove(this);
                }
                return true;
            }
        }

        @Override
        public boolean isReserved() {
            try (var _ = mutex.hold()) {
                return pooled == null && !gone;
            }
        }

        @Override
        public boolean isIdle() {
            try (var _ = mutex.hold()) {
                return pooled != null && use.open() == 0 && !gone;
            }
        }

        @Override
        public boolean isInUse() {
            try (var _ = mutex.hold()) {
                return use.open() > 0 && !gone;
            }
        }

        @Override
        public boolean isTerminated() {
            try (var _ = mutex.hold()) {
                return gone;
            }
        }

        /** Needs the lock. */
        private boolean isUnusedSince(long since) {
            return pooled != null && use.open() == 0 && (retired || use.isUnusedSince(since));
        }

        /** Needs the lock. */
        private void retire() {
            retired = true;
            if (usableNow) {
                usable.remove(this);
                usableNow = false;
            }
        }

        /**
         * Whether the connection may take one more call now. Needs the lock. A connection that was
         * idle for too long, or is too old, gets no further call. One whose answers are late gets
         * none until it answers.
         */
        private boolean isFit(long now) {
            if (use.isStale(idleTimeout, now) || use.isOlderThan(maxAgeNanos, now)) {
                retire();
                return false;
            }
            boolean isLate = use.isLate(now);
            if (isLate) {
                usable.remove(this);
                usableNow = false;
            }
            return !isLate;
        }

        /**
         * Makes the connection the first to be handed out, if it can take one more call. Needs the
         * lock.
         */
        private void offer() {
            if (!usableNow && !retired && pooled != null && use.open() < most()) {
                usable.addFirst(this);
                usableNow = true;
            }
        }

        /** Adds a call to the connection. Needs the lock. */
        private void begin(long now) {
            use.begin(now);
            if (usableNow && use.open() >= most()) {
                usable.remove(this);
                usableNow = false;
            }
        }

        private int most() {
            int reported = pooled == null ? 0 : maxUses.applyAsInt(pooled);
            return reported < 0 ? UNLIMITED : reported;
        }
    }
}
