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
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class DeploymentQuotaTest {
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Instant LATER = START.plusSeconds(60);

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
