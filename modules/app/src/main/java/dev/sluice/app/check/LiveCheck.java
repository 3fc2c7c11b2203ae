package dev.sluice.app.check;

import dev.sluice.analysis.model.AnswerSpec;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.Message;
import dev.sluice.analysis.model.Model;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.ModelReply.Answered;
import dev.sluice.analysis.model.ModelReply.Blocked;
import dev.sluice.analysis.model.ModelReply.Refused;
import dev.sluice.analysis.model.ModelReply.Rejected;
import dev.sluice.analysis.model.ModelReply.Throttled;
import dev.sluice.analysis.model.ModelReply.Unavailable;
import dev.sluice.analysis.model.ModelRequest;
import dev.sluice.analysis.price.Cost;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.analysis.price.TokenUsage;
import dev.sluice.analysis.provider.Adapters;
import dev.sluice.analysis.transport.Transport;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Makes one cheap call to each deployment: whether it answers, and accepts its API key. */
public final class LiveCheck {
    private static final String MODELS = "model";
    private static final int OUTPUT_TOKENS = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final PriceTable prices;
    private final InstantSource clock;

    public LiveCheck(PriceTable prices, InstantSource clock) {
        this.prices = prices;
        this.clock = clock;
    }

    /** Calls each deployment once, one after the other. */
    public List<Finding> of(Collection<Deployment> deployments) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        try (Transport transport = Transport.start()) {
            for (Deployment deployment : deployments) {
                findings.add(of(deployment, Adapters.of(deployment, transport, clock)));
            }
        }
        return findings;
    }

    private Finding of(Deployment deployment, Model model) throws InterruptedException {
        FutureTask<ModelReply> call =
                new FutureTask<>(() -> model.ask(question(), UUID.randomUUID()).reply());
        Thread thread = Thread.ofVirtual().start(call);
        if (!thread.join(PATIENCE)) {
            thread.interrupt();
            return problem(
                    deployment,
                    "no answer within %d s; check its base-url and the way there"
                            .formatted(PATIENCE.toSeconds()));
        }
        return call.state() == FutureTask.State.SUCCESS
                ? finding(deployment, call.resultNow())
                : problem(deployment, String.valueOf(call.exceptionNow().getMessage()));
    }

    private Finding finding(Deployment deployment, ModelReply reply) {
        return switch (reply) {
            case Answered answered -> answered(deployment, answered.usage());
            case Refused refused -> answered(deployment, refused.usage());
            case Throttled throttled ->
                    Finding.warning(
                            MODELS,
                            name(deployment)
                                    + " accepts the key, but has no room for calls now: "
                                    + throttled.message());
            case Blocked blocked ->
                    problem(
                            deployment,
                            "status %d: %s. Check its API key, its funds, the model's name and base-url"
                                    .formatted(blocked.httpStatus(), blocked.message()));
            case Unavailable unavailable -> problem(deployment, unavailable.message());
            case Rejected rejected ->
                    problem(
                            deployment,
                            "status %d: %s".formatted(rejected.httpStatus(), rejected.message()));
        };
    }

    private Finding answered(Deployment deployment, Optional<TokenUsage> usage) {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        Optional<Cost> cost =
                usage.flatMap(used ->
                        prices.find(deployment.priceId(), today).map(price -> price.cost(used)));
        return Finding.ok(
                MODELS,
                name(deployment)
                        + " answers; the call has cost "
                        + cost.map(known -> known + " USD").orElse("an unknown amount"));
    }

    private static Finding problem(Deployment deployment, String text) {
        return Finding.problem(MODELS, name(deployment) + ": " + text);
    }

    private static String name(Deployment deployment) {
        return deployment.id() + " at " + deployment.endpoint().baseUrl().getHost();
    }

    private static ModelRequest question() {
        ObjectNode schema = JsonMapper.shared().createObjectNode();
        schema.put("type", "object").put("additionalProperties", false);
        schema.putObject("properties").putObject("ok").put("type", "boolean");
        schema.putArray("required").add("ok");
        return new ModelRequest(
                List.of(new Message(Message.Role.USER, "Answer that this works: {\"ok\": true}")),
                new AnswerSpec("check", schema, OUTPUT_TOKENS, Optional.empty()));
    }
}
