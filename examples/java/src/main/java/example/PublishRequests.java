package example;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.RequestPublisher;
import dev.sluice.contract.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Publishes web pages as requests for the analysis {@code seo}. */
public final class PublishRequests implements AutoCloseable {
    private final RequestPublisher publisher;

    /**
     * @param prefix what all topic names begin with ({@code topics.prefix})
     */
    public PublishRequests(String brokers, String registry, String prefix) {
        publisher =
                new RequestPublisher(
                        new Topics(prefix),
                        Map.of(
                                "bootstrap.servers", brokers,
                                "schema.registry.url", registry,
                                "auto.register.schemas", false));
    }

    /**
     * Publishes all pages.
     *
     * @param pages HTML by an id that stays the same if the page is published again
     * @throws ExecutionException if the brokers do not have all of them; publish again then
     */
    public void publish(String user, Map<String, String> pages)
            throws ExecutionException, InterruptedException {
        List<CompletableFuture<RecordMetadata>> stored = new ArrayList<>();
        pages.forEach((id, html) ->
                stored.add(
                        publisher.publish(
                                AnalysisRequest.newBuilder()
                                        .setRequestId(id)
                                        .setUserId(user)
                                        .setAnalysis("seo")
                                        .setContent(html)
                                        .setSubmittedAt(Instant.now())
                                        .build())));
        for (CompletableFuture<RecordMetadata> one : stored) {
            one.get();
        }
    }

    @Override
    public void close() {
        publisher.close();
    }
}
