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
import dev.sluice.analysis.quota.DeploymentQuota.Granted;
import dev.sluice.analysis.quota.DeploymentQuota.NotBefore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class DeploymentQuotaTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Instant LATER = START.plusSeconds(60);

    /** When both limits have recovered from the calls of {@link #rejectedAtRandom}. */
    private static final Instant AT_RANDOM = LATER.plusMillis(300);

    @Test
    void callIsGrantedWhenEveryLimitHasRoom() {
        DeploymentQuota quota =
                new DeploymentQuota(
                        ProviderLimits.unknown()
                                .with(Limit.REQUESTS, 60_000)
                                .with(Limit.TOKENS, 60_000),
                        START);

        assertThat(quota.reserve(request(400), LATER)).isInstanceOf(Granted.class);
        // A thousand tokens and more a second are let through, and the call had some 500.
        assertThat(quota.reserve(request(400), LATER))
                .isInstanceOfSatisfying(
                        NotBefore.class,
                        wait ->
                                assertThat(wait.instant())
                                        .isBetween(LATER.plusMillis(250), LATER.plusMillis(600)));
    }

    @Test
    void limitsWithoutConfigurationAreThoseTheProviderReports() {
        DeploymentQuota quota = new DeploymentQuota(ProviderLimits.unknown(), START);
        assertThat(quota.allowed(Limit.REQUESTS)).contains(500 * Quota.HEADROOM);
        assertThat(quota.allowed(Limit.TOKENS)).isEmpty();

        answered(quota, usage(100), said(10_000, 2_000_000));

        assertThat(quota.allowed(Limit.REQUESTS)).contains(10_000 * Quota.HEADROOM);
        assertThat(quota.allowed(Limit.TOKENS)).contains(2_000_000 * Quota.HEADROOM);
    }

    @Test
    void debtIsKeptWhenTheProviderReportsAnotherLimit() {
        DeploymentQuota quota = new DeploymentQuota(ProviderLimits.unknown(), START);
        answered(quota, usage(100), said(10_000, 30_000));
        Instant then = LATER.plusSeconds(1);
        Granted large = (Granted) quota.reserve(request(20_000), then);

        quota.answered(large.reservation(), Optional.empty(), said(10_000, 31_000), then);

        assertThat(quota.reserve(request(400), then.plusSeconds(1)))
                .isInstanceOfSatisfying(
                        NotBefore.class,
                        wait ->
                                assertThat(wait.instant())
                                        .isBetween(then.plusSeconds(36), then.plusSeconds(44)));
    }

    @Test
    void configuredLimitsDoNotChange() {
        DeploymentQuota quota =
                new DeploymentQuota(ProviderLimits.unknown().with(Limit.TOKENS, 1_000_000), START);
        answered(quota, usage(100), said(10_000, 2_000_000));
        assertThat(quota.allowed(Limit.TOKENS)).contains(1_000_000 * Quota.HEADROOM);
    }

    @Test
    void limitsAreMultipliedByFractionAndShare() {
        DeploymentQuota quota =
                new DeploymentQuota(
                        ProviderLimits.unknown().with(Limit.TOKENS, 1_000_000).withFraction(0.5),
                        START);
        quota.share(0.25, START);
        assertThat(quota.allowed(Limit.TOKENS)).contains(125_000 * Quota.HEADROOM);
    }

    @Test
    void inputIsEstimatedFromEarlierCallsOfTheAnalysis() {
        DeploymentQuota quota =
                new DeploymentQuota(
                        new ProviderLimits(
                                Map.of(Limit.REQUESTS, 60_000L, Limit.INPUT_TOKENS, 60_000L),
                                1,
                                RefundPolicy.REFUNDS,
                                Optional.empty()),
                        START);
        // Far fewer tokens than the first estimate of an unknown analysis.
        for (int i = 0; i < 200; i++) {
            answered(quota, usage(10), RateLimits.NONE);
        }
        int granted = 0;
        while (quota.reserve(request(1), LATER.plusSeconds(60)) instanceof Granted) {
            granted++;
        }
        assertThat(granted).as("a quarter of a second of ten tokens each").isBetween(20, 30);
    }

    @Test
    void callThatWasNotSentTakesNothing() {
        DeploymentQuota quota =
                new DeploymentQuota(ProviderLimits.unknown().with(Limit.TOKENS, 60_000), START);
        for (int i = 0; i < 100; i++) {
            quota.giveBack(reserve(quota, LATER), LATER);
        }
        assertThat(quota.reserve(request(100), LATER)).isInstanceOf(Granted.class);
    }

    @Test
    void limitsThatTheProviderStatedLastAreKept() {
        DeploymentQuota quota = new DeploymentQuota(ProviderLimits.unknown(), START);
        assertThat(quota.said()).isEqualTo(RateLimits.NONE);
        RateLimits stated = said(10_000, 2_000_000);

        answered(quota, usage(100), stated);
        answered(quota, usage(100), RateLimits.NONE);

        assertThat(quota.said()).isEqualTo(stated);
    }

    @Test
    void requestsAreAssumedUntilTheProviderReportsThem() {
        DeploymentQuota quota = new DeploymentQuota(ProviderLimits.unknown(), START);
        assertThat(quota.assumed(Limit.REQUESTS)).contains(500L);

        answered(quota, usage(100), said(10_000, 2_000_000));

        assertThat(quota.assumed(Limit.REQUESTS)).isEmpty();
    }

    @Test
    void configuredLimitIsNotAssumed() {
        DeploymentQuota quota =
                new DeploymentQuota(ProviderLimits.unknown().with(Limit.REQUESTS, 600), START);

        assertThat(quota.assumed(Limit.REQUESTS)).isEmpty();
    }

    @Test
    void limitWithoutADefaultIsNotAssumed() {
        DeploymentQuota quota = new DeploymentQuota(ProviderLimits.unknown(), START);

        assertThat(quota.assumed(Limit.TOKENS)).isEmpty();
    }

    @Test
    void refundsAreThoseOfEachLimit() {
        DeploymentQuota quota = new DeploymentQuota(refunding(), START);

        assertThat(quota.refunds(Limit.TOKENS)).contains(1.0);
        assertThat(quota.refunds(Limit.INPUT_TOKENS)).isEmpty();
    }

    /**
     * The call reserves 72 tokens, 71 of 202 bytes and one of output, and uses 172. The burst of
     * 14.775 is saved up again when 172 tokens have flown in at 985 per second.
     */
    @Test
    void actualUseOfAnAnsweredCallIsSettled() {
        DeploymentQuota quota =
                new DeploymentQuota(
                        ProviderLimits.unknown()
                                .with(Limit.REQUESTS, 6_000_000)
                                .with(Limit.TOKENS, 60_000),
                        START);

        quota.answered(
                granted(quota, request(1), LATER), Optional.of(usage(171)), RateLimits.NONE, LATER);

        assertThat(quota.wait(request(1), LATER)).isEqualTo(Duration.ofNanos(174_619_290));
    }

    @Test
    void rejectionLowersEveryLimitByATenth() {
        DeploymentQuota quota =
                new DeploymentQuota(
                        ProviderLimits.unknown()
                                .with(Limit.REQUESTS, 60_000)
                                .with(Limit.TOKENS, 2_000_000),
                        START);

        assertThat(quota.throttled(granted(quota, request(1), LATER), LATER)).isTrue();

        assertThat(quota.allowed(Limit.REQUESTS)).contains(60_000 * Quota.HEADROOM * 0.9);
        assertThat(quota.allowed(Limit.TOKENS)).contains(2_000_000 * Quota.HEADROOM * 0.9);
    }

    /** Of the 14.775 requests saved up none may be sent; one flows in at 886.5 per second. */
    @Test
    void requestsSavedUpBeforeARejectionAreNotSentAtOnce() {
        DeploymentQuota quota =
                new DeploymentQuota(ProviderLimits.unknown().with(Limit.REQUESTS, 60_000), START);

        boolean _ = quota.throttled(granted(quota, request(1), LATER), LATER);

        assertThat(quota.wait(request(1), LATER)).isEqualTo(Duration.ofNanos(1_128_032));
    }

    @Test
    void limitLearnedAfterARejectionIsLoweredToo() {
        DeploymentQuota quota = new DeploymentQuota(ProviderLimits.unknown(), START);
        Instant then = LATER.plusSeconds(1);
        DeploymentQuota.Reservation first = granted(quota, request(1), LATER);
        DeploymentQuota.Reservation second = granted(quota, request(1), then);
        boolean _ = quota.throttled(first, then);

        quota.answered(second, Optional.of(usage(100)), said(500, 2_000_000), then);

        assertThat(quota.allowed(Limit.TOKENS)).contains(2_000_000 * Quota.HEADROOM * 0.9);
    }

    /** The first answer shows a bucket, the second that it is empty. */
    @Test
    void rejectionByAnEmptyBucketEndsRefunds() {
        DeploymentQuota quota = new DeploymentQuota(refunding(), START);
        for (int second = 0; second < 2; second++) {
            Instant at = LATER.plusSeconds(second);
            DeploymentQuota.Reservation call = granted(quota, request(1), at);
            quota.answered(call, Optional.of(usage(71)), noTokensLeft(), at);
        }
        Instant then = LATER.plusSeconds(2);

        boolean _ = quota.throttled(granted(quota, request(1), then), then);

        assertThat(quota.refunds(Limit.TOKENS)).contains(0.0);
    }

    /** A burst of 13,297 tokens has room for 10,071 or for 13,071, not for both. */
    @Test
    void callRejectedAtRandomUsesNoTokens() {
        DeploymentQuota quota = rejectedAtRandom();

        assertThat(quota.throttled(granted(quota, request(10_000), AT_RANDOM), AT_RANDOM))
                .isFalse();

        assertThat(quota.wait(request(13_000), AT_RANDOM)).isZero();
    }

    /** A burst is 22.2 requests; the one that was rejected leaves 21. */
    @Test
    void callRejectedAtRandomCountsAsARequest() {
        DeploymentQuota quota = rejectedAtRandom();

        boolean _ = quota.throttled(granted(quota, request(1), AT_RANDOM), AT_RANDOM);

        int granted = 0;
        while (quota.reserve(request(1), AT_RANDOM) instanceof Granted) {
            granted++;
        }
        assertThat(granted).isEqualTo(21);
    }

    /**
     * A quota whose next 429 counts as random: of 130 calls in as many milliseconds one was
     * rejected, and then 4 of the 30 slowed ones. Both limits have a full burst afterwards.
     */
    private static DeploymentQuota rejectedAtRandom() {
        DeploymentQuota quota =
                new DeploymentQuota(
                        ProviderLimits.unknown()
                                .with(Limit.REQUESTS, 100_000)
                                .with(Limit.TOKENS, 60_000_000),
                        START);
        for (int i = 0; i < 130; i++) {
            Instant at = LATER.plusMillis(i);
            DeploymentQuota.Reservation call = granted(quota, request(1), at);
            if (i >= 99 && i < 104) {
                boolean _ = quota.throttled(call, at);
            }
        }
        return quota;
    }

    private static DeploymentQuota.Reservation granted(
            DeploymentQuota quota, ModelRequest request, Instant at) {
        return ((Granted) quota.reserve(request, at)).reservation();
    }

    private static ProviderLimits refunding() {
        return new ProviderLimits(
                Map.of(Limit.REQUESTS, 6_000_000L, Limit.TOKENS, 60_000L),
                1,
                RefundPolicy.REFUNDS,
                Optional.empty());
    }

    private static RateLimits noTokensLeft() {
        return new RateLimits(
                Optional.empty(),
                Optional.of(new RateLimits.Window(60_000, 0, Optional.empty())),
                Optional.empty(),
                Optional.empty());
    }

    private static void answered(DeploymentQuota quota, TokenUsage usage, RateLimits said) {
        DeploymentQuota.Reservation reservation = reserve(quota, LATER);
        quota.answered(reservation, Optional.of(usage), said, LATER);
    }

    private static DeploymentQuota.Reservation reserve(DeploymentQuota quota, Instant from) {
        Instant now = from;
        while (true) {
            switch (quota.reserve(request(1), now)) {
                case Granted granted -> {
                    return granted.reservation();
                }
                case NotBefore wait -> now = wait.instant();
            }
        }
    }

    private static ModelRequest request(int maxOutputTokens) {
        return new ModelRequest(
                List.of(new Message(Message.Role.USER, "x".repeat(200))),
                new AnswerSpec(
                        "any",
                        JsonMapper.shared().createObjectNode(),
                        maxOutputTokens,
                        Optional.empty()));
    }

    private static TokenUsage usage(long input) {
        return new TokenUsage(input, 0, 0, 1, 0);
    }

    private static RateLimits said(long requests, long tokens) {
        return new RateLimits(
                Optional.of(new RateLimits.Window(requests, requests, Optional.empty())),
                Optional.of(new RateLimits.Window(tokens, tokens, Optional.empty())),
                Optional.empty(),
                Optional.empty());
    }
}
