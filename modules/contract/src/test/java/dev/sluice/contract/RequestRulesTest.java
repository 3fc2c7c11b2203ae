package dev.sluice.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.contract.serde.TrustedRecords;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;

class RequestRulesTest {
    static {
        TrustedRecords.install();
    }

    private static final long NO_LIMIT = Long.MAX_VALUE;

    @Test
    void validRequestBreaksNoRule() {
        assertThat(RequestRules.check(request(), NO_LIMIT)).isEmpty();
        assertThat(RequestRules.hasIds(request())).isTrue();
    }

    @Test
    void firstBrokenRuleIsNamed() {
        assertThat(broken(request -> request.setRequestId(" "))).isEqualTo("requestId is empty");
        assertThat(broken(request -> request.setRequestId("a\nb")))
                .isEqualTo("requestId has control characters");
        assertThat(broken(request -> request.setUserId("x".repeat(257))))
                .isEqualTo("userId has 257 characters, allowed are 256");
        assertThat(broken(request -> request.setRunId(invalidUtf8())))
                .isEqualTo("runId is not valid UTF-8");
        assertThat(broken(request -> request.setContent(""))).isEqualTo("content is empty");
        assertThat(broken(request -> request.setContent(invalidUtf8())))
                .isEqualTo("content is not valid UTF-8");
        assertThat(broken(request -> request.setContent("\u0000\u0001\u0002 text")))
                .isEqualTo("content is a binary file, not text");
        assertThat(broken(request -> request.setAttributes(many())))
                .startsWith("attributes are too many or too long; allowed are 64");
        assertThat(broken(request -> request.setAttributes(Map.of("k", "x".repeat(16_384)))))
                .startsWith("attributes are too many or too long");
    }

    @Test
    void fieldsThatAProgramForgotAreNamed() {
        AnalysisRequest empty = new AnalysisRequest();
        assertThat(RequestRules.check(empty, NO_LIMIT).orElseThrow().message())
                .isEqualTo("requestId is missing");
        empty.setRequestId("r");
        assertThat(RequestRules.check(empty, NO_LIMIT).orElseThrow().message())
                .isEqualTo("userId is missing");
        empty.setUserId("ann");
        assertThat(RequestRules.check(empty, NO_LIMIT).orElseThrow().message())
                .isEqualTo("analysis is missing");
        empty.setAnalysis("seo");
        assertThat(RequestRules.check(empty, NO_LIMIT).orElseThrow().message())
                .isEqualTo("content is missing");
        empty.setContent("text");
        assertThat(RequestRules.check(empty, NO_LIMIT).orElseThrow().message())
                .startsWith("attributes are missing");
    }

    @Test
    void contentIsMeasuredInBytes() {
        AnalysisRequest request = request();
        request.setContent("ää");

        assertThat(RequestRules.check(request, 4)).isEmpty();
        RequestRules.Broken broken = RequestRules.check(request, 3).orElseThrow();
        assertThat(broken.reason()).isEqualTo(Reason.INPUT_TOO_LARGE);
        assertThat(broken.message()).isEqualTo("content has 4 bytes, the analysis takes 3");
    }

    private static String broken(Consumer<AnalysisRequest> change) {
        AnalysisRequest request = request();
        change.accept(request);
        RequestRules.Broken broken = RequestRules.check(request, NO_LIMIT).orElseThrow();
        assertThat(broken.reason()).isEqualTo(Reason.INVALID_REQUEST);
        return broken.message();
    }

    private static Map<CharSequence, CharSequence> many() {
        Map<CharSequence, CharSequence> many = new HashMap<>();
        for (int i = 0; i < 65; i++) {
            many.put("k" + i, "v");
        }
        return many;
    }

    private static Utf8 invalidUtf8() {
        return new Utf8(ByteBuffer.allocate(2).put((byte) 0xC3).put((byte) 0x28).array());
    }

    private static AnalysisRequest request() {
        return AnalysisRequest.newBuilder()
                .setRequestId("r")
                .setUserId("ann")
                .setAnalysis("seo")
                .setContent("Some text.")
                .build();
    }
}
