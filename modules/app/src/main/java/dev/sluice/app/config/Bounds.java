package dev.sluice.app.config;

import dev.sluice.analysis.price.Cost;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The valid values of every key. Whether values fit together is checked elsewhere. */
final class Bounds {
    private static final String DEPLOYMENT = "models.*.deployments[*].";

    private static final Bound ANYTHING = new Bound.Anything();
    private static final Bound YES_OR_NO = new Bound.OneOf(Set.of("true", "false"));
    private static final Bound SOME_TEXT =
            new Bound.Text(Pattern.compile("[^\\x00]*[^\\s\\x00][^\\x00]*"), "some text");
    private static final Bound PER_MINUTE = new Bound.Whole(1, 1_000_000_000_000L);
    private static final Bound PER_HOUR = new Bound.Whole(1, 1_000_000_000);
    private static final Bound USD = new Bound.Decimal(BigDecimal.ZERO, false, Cost.MOST.usd());
    private static final Bound COMMITS = time(1, 5_000);

    private static final Map<String, Bound> BY_KIND =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("kafka.*", ANYTHING),
                            Map.entry("schema-registry.*", ANYTHING),
                            Map.entry(
                                    "topics.prefix",
                                    new Bound.Text(
                                            Pattern.compile("[A-Za-z0-9._-]{1,100}"),
                                            "1 to 100 letters, digits, '.', '_' and '-'")),
                            Map.entry("topics.max-request-bytes", whole(1_024, 268_435_456)),
                            Map.entry("topics.partitions", whole(1, 10_000)),
                            Map.entry("topics.replicas", whole(1, 100)),
                            Map.entry(
                                    "topics.compression",
                                    new Bound.OneOf(
                                            Set.of("none", "gzip", "snappy", "lz4", "zstd"))),
                            Map.entry(DEPLOYMENT + "provider", SOME_TEXT),
                            Map.entry(DEPLOYMENT + "model-id", SOME_TEXT),
                            Map.entry(DEPLOYMENT + "sent-as", SOME_TEXT),
                            Map.entry(DEPLOYMENT + "base-url", ANYTHING),
                            Map.entry(DEPLOYMENT + "api-key", ANYTHING),
                            Map.entry(DEPLOYMENT + "structured-output", SOME_TEXT),
                            Map.entry(DEPLOYMENT + "requests-per-minute", PER_MINUTE),
                            Map.entry(DEPLOYMENT + "tokens-per-minute", PER_MINUTE),
                            Map.entry(DEPLOYMENT + "input-tokens-per-minute", PER_MINUTE),
                            Map.entry(DEPLOYMENT + "output-tokens-per-minute", PER_MINUTE),
                            Map.entry(DEPLOYMENT + "refunds-unused-tokens", YES_OR_NO),
                            Map.entry(DEPLOYMENT + "service-tier", SOME_TEXT),
                            Map.entry(DEPLOYMENT + "key-alias", SOME_TEXT),
                            Map.entry(
                                    DEPLOYMENT + "max-calls-per-second",
                                    new Bound.Decimal(
                                            new BigDecimal("0.001"),
                                            false,
                                            new BigDecimal("100000"))),
                            Map.entry(DEPLOYMENT + "timeout", time(10, 3_600_000)),
                            Map.entry(
                                    "quota.fraction",
                                    new Bound.Decimal(BigDecimal.ZERO, true, BigDecimal.ONE)),
                            Map.entry("budgets.daily-usd", USD),
                            Map.entry("budgets.users.*", USD),
                            Map.entry("budgets.all-users-daily-usd", USD),
                            Map.entry("budgets.analyses.*", USD),
                            Map.entry("budgets.time-zone", new Bound.Zone()),
                            Map.entry("rates.requests-per-hour", PER_HOUR),
                            Map.entry("rates.users.*", PER_HOUR),
                            Map.entry("analyses.dir", SOME_TEXT),
                            Map.entry("analyses.canaries.*.dir", SOME_TEXT),
                            Map.entry("analyses.canaries.*.percent", whole(0, 99)),
                            Map.entry(
                                    "analyses.canaries.*.by",
                                    new Bound.OneOf(Set.of("request", "user"))),
                            Map.entry("analyses.enabled", new Bound.Names()),
                            Map.entry("prices.file", SOME_TEXT),
                            Map.entry("admission.threads", whole(1, 256)),
                            Map.entry("admission.standbys", whole(0, 10)),
                            Map.entry("admission.commit-interval", COMMITS),
                            Map.entry("admission.max-waiting", whole(0, 100_000_000)),
                            Map.entry("admission.max-interactive", whole(0, 1_000_000)),
                            Map.entry("admission.max-shared-bytes", whole(0, 1L << 40)),
                            Map.entry("admission.state-dir", SOME_TEXT),
                            Map.entry(
                                    "dead-letters.raw-answers",
                                    new Bound.OneOf(Set.of("keep", "hash", "drop"))),
                            Map.entry(
                                    "dead-letters.original",
                                    new Bound.OneOf(Set.of("keep", "reference"))),
                            Map.entry("worker.journal", YES_OR_NO),
                            Map.entry("worker.max-in-flight", whole(1, 1_000_000)),
                            Map.entry("worker.max-in-flight-bytes", whole(1_024, 1L << 40)),
                            Map.entry("worker.commit-interval", COMMITS),
                            Map.entry("worker.max-outcomes", whole(1, 10_000)),
                            Map.entry("worker.compute-threads", whole(1, 256)),
                            Map.entry("worker.compute-timeout", time(100, 300_000)),
                            Map.entry("worker.release-timeout", time(0, 300_000)),
                            Map.entry("worker.cleanup-interval", time(1_000, 86_400_000)),
                            Map.entry("worker.grace", time(0, 3_600_000)),
                            Map.entry(
                                    "worker.slot",
                                    new Bound.Text(
                                            Pattern.compile("[A-Za-z0-9._-]{1,200}"),
                                            "1 to 200 letters, digits, '.', '_' and '-'")),
                            Map.entry(
                                    "http.host",
                                    new Bound.Text(
                                            Pattern.compile("[A-Za-z0-9.:_\\[\\]-]{1,253}"),
                                            "the name or address of a host")),
                            Map.entry("http.port", whole(0, 65_535)),
                            Map.entry("http.token", ANYTHING),
                            Map.entry("http.changes", YES_OR_NO),
                            Map.entry("http.tls.certificate", SOME_TEXT),
                            Map.entry("http.tls.key", SOME_TEXT),
                            Map.entry("tracing.enabled", YES_OR_NO),
                            Map.entry(
                                    "log.requests",
                                    new Bound.Decimal(BigDecimal.ZERO, false, BigDecimal.ONE)),
                            Map.entry(
                                    "log.format",
                                    new Bound.OneOf(Set.of("auto", "plain", "json")))));

    private Bounds() {}

    /** The bound of each kind of key. */
    static Map<String, Bound> byKind() {
        return Map.copyOf(BY_KIND);
    }

    /** Whether a key's value may be written as a list. */
    static boolean takesList(String kind) {
        return BY_KIND.get(kind) instanceof Bound.Names;
    }

    /** One message for each setting that is not valid. */
    static List<String> problems(Collection<Setting> settings) {
        List<String> problems = new ArrayList<>();
        for (Setting setting : settings) {
            Bound bound = BY_KIND.getOrDefault(setting.kind(), ANYTHING);
            if (!bound.admits(setting.value())) {
                problems.add(
                        setting.key()
                                + (setting.line() > 0 ? " in line " + setting.line() : "")
                                + " must be "
                                + bound.words()
                                + (bound.isShown() ? ", was '" + setting.value() + "'" : ""));
            }
        }
        return problems;
    }

    private static Bound whole(long least, long most) {
        return new Bound.Whole(least, most);
    }

    private static Bound time(long leastMillis, long mostMillis) {
        return new Bound.Time(Duration.ofMillis(leastMillis), Duration.ofMillis(mostMillis));
    }
}
