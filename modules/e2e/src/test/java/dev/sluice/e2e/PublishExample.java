package dev.sluice.e2e;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.RequestPublisher;
import dev.sluice.contract.Topics;
import java.util.Map;
import org.apache.kafka.clients.producer.RecordMetadata;

/** The example of docs/USERS.md, between the marks begin and end. */
final class PublishExample {
    private PublishExample() {}

    static void run(String brokers, String registry, String traceparent) throws Exception {
        // begin
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers", brokers,
                        "schema.registry.url", registry,
                        "auto.register.schemas", false);
        try (RequestPublisher publisher = new RequestPublisher(new Topics("sluice."), settings)) {
            AnalysisRequest request =
                    AnalysisRequest.newBuilder()
                            .setRequestId("order-4711")
                            .setUserId("ann")
                            .setAnalysis("support-ticket")
                            .setContent("The export has failed since Monday, nobody can work.")
                            .build();
            RecordMetadata kept =
                    publisher.publish(request, Map.of("traceparent", traceparent)).get();
            System.out.println("kept at " + kept);
        }
        // end
    }
}
