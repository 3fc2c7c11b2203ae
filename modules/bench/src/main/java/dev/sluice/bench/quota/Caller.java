package dev.sluice.bench.quota;

import dev.sluice.analysis.call.Call;
import dev.sluice.analysis.call.CallJournal;
import dev.sluice.analysis.call.CallObserver;
import dev.sluice.analysis.guard.Clocks;
import dev.sluice.analysis.guard.DeploymentGuard;
import dev.sluice.analysis.guard.GuardedModel;
import dev.sluice.analysis.guard.JobBudget;
import dev.sluice.analysis.guard.RetryPolicy;
import dev.sluice.analysis.guard.Sleeper;
import dev.sluice.analysis.model.AnswerSpec;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Endpoint;
import dev.sluice.analysis.model.Limit;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.model.ModelTraits;
import dev.sluice.analysis.model.Provider;
import dev.sluice.analysis.model.ProviderLimits;
import dev.sluice.analysis.model.Secret;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.ModelPrice;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.analysis.provider.OpenAiModel;
import dev.sluice.analysis.task.AnalysisTask;
import dev.sluice.analysis.task.Priority;
import dev.sluice.analysis.transport.Transport;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The compared ways to keep to a rate limit. All use the same adapter and transport. */
enum Caller {
    /** The guards of one worker. */
    SLUICE(1),
    /** The guards of three workers; during the measurement, shares move to two of them and back. */
    SLUICE_THREE_WORKERS(3),
    /**
     * resilience4j's limiter, set to the number of calls of this size that the limit allows, with
     * two per cent to spare. One call at a time passes the limiter; after a 429 it waits as long as
     * the provider asks.
     */
    RESILIENCE4J(1),
    /**
     * The same limiter set to the average tokens that calls really use, which must be known in
     * advance.
     */
    RESILIENCE4J_USED(1),
    /** No limiter: backoff with full jitter, and waits as long as the provider asks. */
    RETRY_ONLY(1);

    static final String MODEL = "gpt-4.1-mini";
    private static final int MAX_OUTPUT_TOKENS = 1_000;

    /** Average tokens of a call: the simulator's estimate, and the real usage. */
    private static final double ESTIMATED = 1_980;

    private static final double USED = 980;
    private static final double TO_SPARE = 0.98;

    private static final Cost CAP = new Cost(BigDecimal.valueOf(1_000));

    private final int workers;

    Caller(int workers) {
        this.workers = workers;
    }

    /**
     * Whether this caller makes sense with such a provider: real usage counts only if unused tokens
     * are returned.
     */
    boolean suits(String policy) {
        return this != RESILIENCE4J_USED || policy.endsWith(":settles");
    }

    /** Number of concurrent callers, enough that one is always waiting. */
    int threads() {
        return this == RETRY_ONLY ? 200 : 800;
    }

    /** Makes one call and waits as long as it takes. */
    interface Calls {
        void call(ModelRequest request) throws InterruptedException;

        /** The limits that it has learned from the provider. */
        default String learned() {
            return "";
        }

        /** Sets the workers' shares of the limit. */
        default void shares(List<Double> shares) {}
    }

    /** Connects to the provider. */
    Calls connect(URI provider, long tokensPerMinute) {
        return switch (this) {
            case SLUICE, SLUICE_THREE_WORKERS -> guarded(provider, tokensPerMinute);
            case RESILIENCE4J -> limited(provider, tokensPerMinute / ESTIMATED);
            case RESILIENCE4J_USED -> limited(provider, tokensPerMinute / USED);
            case RETRY_ONLY -> retrying(provider, () -> {});
        };
    }

    private Calls limited(URI provider, double callsPerMinute) {
        RateLimiter limiter =
                RateLimiter.of(
                        "model",
                        RateLimiterConfig.custom()
                                .limitRefreshPeriod(
                                        Duration.ofNanos(
                                                (long) (60e9 / (TO_SPARE * callsPerMinute))))
                                .limitForPeriod(1)
                                .timeoutDuration(Duration.ofMinutes(10))
                                .build());
        return retrying(provider, limiter::acquirePermission);
    }

    private Calls guarded(URI provider, long tokensPerMinute) {
        InstantSource clock = InstantSource.system();
        Transport transport = Transport.start();
        Deployment deployment =
                deployment(
                        provider,
                        ProviderLimits.unknown()
                                .with(Limit.REQUESTS, 1_000_000)
                                .with(Limit.TOKENS, tokensPerMinute));
        List<DeploymentGuard> guards = new ArrayList<>();
        List<GuardedModel> models = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            DeploymentGuard guard =
                    new DeploymentGuard(
                            deployment, new OpenAiModel(deployment, transport, clock), clock);
            guard.share(1.0 / workers);
            guards.add(guard);
            models.add(
                    new GuardedModel(
                            List.of(guard),
                            RetryPolicy.DEFAULT,
                            Clocks.both(clock),
                            Sleeper.sleeping(clock),
                            CallObserver.NONE));
        }
        ModelPrice price =
                PriceTable.shipped()
                        .find(MODEL, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC))
                        .orElseThrow();
        return new Calls() {
            private volatile List<Double> held = Collections.nCopies(workers, 1.0 / workers);

            @Override
            public void call(ModelRequest request) throws InterruptedException {
                JobBudget budget =
                        new JobBudget(
                                new AnalysisTask(
                                        "bench",
                                        "",
                                        Priority.INTERACTIVE,
                                        Instant.MAX,
                                        CAP,
                                        List.of(price),
                                        CallJournal.NONE));
                GuardedModel model = models.get(worker());
                if (!(model.ask(request, Call.Purpose.ANALYSIS, budget)
                        instanceof GuardedModel.Replied)) {
                    throw new IllegalStateException("no reply");
                }
            }

            // Each worker gets jobs in proportion to its partitions.
            private int worker() {
                double lot = ThreadLocalRandom.current().nextDouble();
                for (int i = 0; i < workers - 1; i++) {
                    lot -= held.get(i);
                    if (lot < 0) {
                        return i;
                    }
                }
                return workers - 1;
            }

            @Override
            public String learned() {
                return "gives back "
                        + guards.getFirst().quota().refunds(Limit.TOKENS).orElse(Double.NaN);
            }

            @Override
            public void shares(List<Double> shares) {
                if (workers == 1) {
                    return;
                }
                held = shares;
                for (int i = 0; i < workers; i++) {
                    guards.get(i).share(shares.get(i));
                }
            }
        };
    }

    private Calls retrying(URI provider, Runnable permission) {
        OpenAiModel model =
                new OpenAiModel(
                        deployment(provider, ProviderLimits.unknown()),
                        Transport.start(),
                        InstantSource.system());
        return request -> {
            for (int tries = 0; ; tries++) {
                permission.run();
                ModelReply reply = model.ask(request, UUID.randomUUID()).reply();
                if (reply instanceof ModelReply.Answered) {
                    return;
                }
                long bound = 500L << Math.min(tries, 6);
                Duration backoff = Duration.ofMillis(ThreadLocalRandom.current().nextLong(bound));
                Thread.sleep(
                        reply instanceof ModelReply.Throttled throttled
                                ? throttled.retryAfter().orElse(Duration.ZERO).plus(backoff)
                                : backoff);
            }
        };
    }

    /** A request with about 1,000 input tokens; each one is somewhat different. */
    static ModelRequest request(Random random) {
        StringBuilder text = new StringBuilder();
        int words = 440 + random.nextInt(100);
        for (int i = 0; i < words; i++) {
            text.append("word").append(i % 7).append(' ');
        }
        ObjectNode schema = JsonMapper.shared().createObjectNode();
        return new ModelRequest(
                List.of(new Message(Message.Role.USER, text.toString())),
                new AnswerSpec("bench", schema, MAX_OUTPUT_TOKENS, Optional.empty()));
    }

    private static Deployment deployment(URI provider, ProviderLimits limits) {
        return new Deployment(
                MODEL,
                "simulated",
                MODEL,
                ModelTraits.of(MODEL),
                new Endpoint(
                        Provider.OPENAI,
                        provider,
                        new Secret("key"),
                        MODEL,
                        Duration.ofSeconds(60)),
                limits);
    }
}
