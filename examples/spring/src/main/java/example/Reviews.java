package example;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.RequestPublisher;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.springframework.stereotype.Service;

/** Asks for reviews of pages. */
@Service
public class Reviews {
    private final RequestPublisher publisher;

    Reviews(RequestPublisher publisher) {
        this.publisher = publisher;
    }

    /**
     * Asks for the review of a page.
     *
     * @param pageId the same for the same version of the page, so that asking twice is one request
     * @return completes when the brokers have the request; fails if it breaks a rule, or they do
     *     not take it
     */
    public CompletableFuture<Void> ask(String user, String pageId, String html) {
        AnalysisRequest request =
                AnalysisRequest.newBuilder()
                        .setRequestId(pageId)
                        .setUserId(user)
                        .setAnalysis("seo")
                        .setContent(html)
                        .setSubmittedAt(Instant.now())
                        .build();
        return publisher.publish(request).thenAccept(stored -> {});
    }
}
