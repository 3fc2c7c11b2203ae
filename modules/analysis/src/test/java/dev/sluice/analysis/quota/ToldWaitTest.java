package dev.sluice.analysis.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.model.AnswerSpec;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.model.RefundPolicy;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.analysis.quota.DeploymentQuota.Answer;
import dev.sluice.analysis.quota.DeploymentQuota.Granted;
import dev.sluice.analysis.quota.DeploymentQuota.NotBefore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** A call may be made after the returned wait, and asking changes no state. */
class ToldWaitTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");

    private Instant now = START;

    @Property(tries = 400)
    void callIsGrantedAfterTheReturnedWaitInEveryState(
            @ForAll long seed,
            @ForAll @LongRange(min = 1, max = 3_000) long requests,
            @ForAll @LongRange(min = 2_000, max = 2_000_000) long tokens,
            @ForAll @IntRange(max = 3) int kind) {
        now = START;
        Random random = new Random(seed);
        DeploymentQuota quota = quota(random, requests, tokens);
        Provider provider =
                switch (kind) {
                    case 0 -> Provider.bucket(tokens, Duration.ofSeconds(60), true, START);
                    case 1 -> Provider.bucket(tokens, Duration.ofSeconds(5), false, START);
                    case 2 -> Provider.window(tokens, Duration.ofSeconds(1), Duration.ZERO, START);
                    default ->
                            Provider.window(
                                    tokens, Duration.ofSeconds(60), Duration.ofSeconds(7), START);
                };
        List<DeploymentQuota.Reservation> open = new ArrayList<>();
        for (int step = 0; step < 120; step++) {
            switch (random.nextInt(8)) {
                case 0 -> quota.share((1 + random.nextInt(8)) / 8.0, now);
                case 1 -> turnAway(quota, open, random);
                case 2 -> now = now.plusMillis(random.nextInt(5_000));
                case 3, 4 -> answer(quota, open, provider, random);
                default -> open.add(whenTold(quota, request(random), random));
            }
        }
    }

    /** The wait is exact, so a waiting caller need not ask more than once. */
    private DeploymentQuota.Reservation whenTold(
            DeploymentQuota quota, ModelRequest request, Random random) {
        switch (quota.reserve(request, now)) {
            case Granted granted -> {
                return granted.reservation();
            }
            case NotBefore(var notBefore) -> {
                long nanos = Duration.between(now, notBefore).toNanos();
                for (int look = 0; look < 20 && nanos > 10_000; look++) {
                    Instant early = now.plusNanos((long) (random.nextDouble() * 0.98 * nanos));
                    now = early.isAfter(now) ? early : now;
                    assertThat(quota.reserve(request, now))
                            .as("told %s, asked again at %s", notBefore, now)
                            .isInstanceOfSatisfying(
                                    NotBefore.class,
                                    again ->
                                            assertThat(Duration.between(notBefore, again.instant()))
                                                    .isBetween(
                                                            Duration.ofMillis(-1),
                                                            Duration.ofNanos(20)));
                    nanos = Duration.between(now, notBefore).toNanos();
                }
                now = notBefore.plusNanos(20);
                Answer after = quota.reserve(request, now);
                assertThat(after)
                        .as("after %s", Duration.ofNanos(nanos))
                        .isInstanceOf(Granted.class);
                return ((Granted) after).reservation();
            }
        }
    }

    /** 500 requests a minute are 8 a second: one call is more than a burst. */
    @Test
    void oneRejectionCostsATenthOfTheRateAndNoSpinning() {
        DeploymentQuota quota = new DeploymentQuota(ProviderLimits.unknown(), START);
        int calls = 0;
        int asked = 0;
        now = START.plusSeconds(10);
        Granted first = (Granted) quota.reserve(request(new Random(1)), now);
        assertThat(quota.throttled(first.reservation(), now)).isTrue();
        Instant end = now.plusSeconds(30);
        while (now.isBefore(end) && asked < 10_000) {
            asked++;
            switch (quota.reserve(request(new Random(1)), now)) {
                case Granted _ -> calls++;
                case NotBefore(var notBefore) -> now = notBefore;
            }
        }

        assertThat(calls).as("8 a second, a tenth less for a while").isBetween(225, 246);
        assertThat(asked).isLessThanOrEqualTo(2 * calls + 2);
    }

    private void turnAway(
            DeploymentQuota quota, List<DeploymentQuota.Reservation> open, Random random) {
        if (!open.isEmpty()) {
            boolean _ = quota.throttled(open.remove(random.nextInt(open.size())), now);
        }
    }

    private void answer(
            DeploymentQuota quota,
            List<DeploymentQuota.Reservation> open,
            Provider provider,
            Random random) {
        if (open.isEmpty()) {
            return;
        }
        DeploymentQuota.Reservation one = open.remove(random.nextInt(open.size()));
        if (random.nextInt(5) == 0) {
            quota.giveBack(one, now);
            return;
        }
        boolean _ = provider.take(random.nextInt(2_000), now);
        RateLimits said =
                new RateLimits(
                        Optional.empty(),
                        Optional.of(provider.says(now)),
                        Optional.empty(),
                        Optional.empty());
        TokenUsage usage =
                new TokenUsage(1 + random.nextInt(800), 0, 0, 1 + random.nextInt(900), 0);
        quota.answered(one, Optional.of(usage), said, now);
    }

    private static DeploymentQuota quota(Random random, long requests, long tokens) {
        Map<Limit, Long> limits = new EnumMap<>(Limit.class);
        limits.put(Limit.REQUESTS, requests);
        if (random.nextBoolean()) {
            limits.put(Limit.TOKENS, tokens);
        }
        return new DeploymentQuota(
                new ProviderLimits(
                        limits,
                        1,
                        random.nextInt(4) == 0 ? RefundPolicy.REFUNDS : RefundPolicy.UNKNOWN,
                        Optional.empty()),
                START);
    }

    private static ModelRequest request(Random random) {
        return new ModelRequest(
                List.of(new Message(Message.Role.USER, "x".repeat(1 + random.nextInt(4_000)))),
                new AnswerSpec(
                        "any",
                        JsonMapper.shared().createObjectNode(),
                        1 + random.nextInt(1_500),
                        Optional.empty()));
    }
}
