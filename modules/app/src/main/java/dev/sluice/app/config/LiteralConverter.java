package dev.sluice.app.config;

import java.io.Serial;
import org.eclipse.microprofile.config.spi.Converter;

/** Returns a text unchanged, even an empty one. */
public final class LiteralConverter implements Converter<String> {
    @Serial private static final long serialVersionUID = 1L;

    @Override
    public String convert(String value) {
        return value;
    }
}
