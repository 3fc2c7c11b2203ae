package example;

import dev.sluice.contract.DeadLetter;
import dev.sluice.results.SeoResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Logs reviews, where yours would store them. */
@Component
public class ReviewHandler {
    private static final Logger log = LoggerFactory.getLogger(ReviewHandler.class);

    /** A page was reviewed. It may be called again with the same review after a crash. */
    public void reviewed(SeoResult seo) {
        log.info(
                "{}: {}, {} USD",
                seo.getRequestId(),
                seo.getOutput().getTitleTag(),
                seo.getCostUsd());
    }

    /** A page was not reviewed; the dead letter says why, and whether to ask again. */
    public void failed(DeadLetter letter) {
        log.warn("{}: {}, {}", letter.getRequestId(), letter.getReason(), letter.getMessage());
    }
}
