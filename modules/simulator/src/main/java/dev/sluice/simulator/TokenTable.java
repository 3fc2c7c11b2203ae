package dev.sluice.simulator;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import java.util.function.ToIntFunction;

/** Counts tokens like OpenAI's newer models. */
final class TokenTable {
    /** Thread-safe; loading it takes up to a second. */
    private static final Encoding ENCODING =
            Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);

    private TokenTable() {}

    /** Loads the table. */
    static ToIntFunction<String> counter() {
        return ENCODING::countTokensOrdinary;
    }
}
