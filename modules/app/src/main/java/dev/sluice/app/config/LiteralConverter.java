package dev.sluice.app.config;

import java.io.Serial;
import org.eclipse.microprofile.config.spi.Converter;

/** Passes a text on as it stands, an empty one too. */
public final class LiteralConverter implements Converter<String> {
    @Serial private static final long serialVersionUID = 1L;

    @Override
    public String convert(String value) {
        return value;
    }
}
