package dev.sluice.app.cli.common;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts the name of an encoding. */
public final class CharsetConverter implements ITypeConverter<Charset> {
    @Override
    public Charset convert(String text) {
        try {
            return Charset.forName(text);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw new TypeConversionException(
                    "'" + text + "' is not an encoding; write UTF-8 or windows-1252");
        }
    }
}
