package dev.sluice.analysis.transport;

import java.util.Optional;

/** Complete HTTP answer. */
@SuppressWarnings("ArrayRecordComponent") // never compared, and copied nowhere
public record HttpReply(int status, Headers headers, byte[] body) {

    /** The headers of an answer. */
    public interface Headers {
        /** The first value of a header, by its name in any case. */
        Optional<String> value(String name);
    }
}
