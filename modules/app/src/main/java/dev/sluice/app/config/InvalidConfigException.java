package dev.sluice.app.config;

import java.io.Serial;
import java.util.List;

/** Reports all problems of a configuration that is not valid. */
public final class InvalidConfigException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    public InvalidConfigException(List<String> problems) {
        super(String.join("\n", problems));
    }
}
