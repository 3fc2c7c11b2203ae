package dev.sluice.app.config;

import io.smallrye.config.WithDefault;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A key of the configuration with all that is to be said of it. Texts are Markdown.
 *
 * @param name with {@code *} for a name, and {@code [*]} for a number
 * @param byDefault what holds without a value
 * @param values the valid ones, in words
 */
public record DocumentedKey(String name, String byDefault, String values, String meaning) {
    private static final Pattern LINK = Pattern.compile("\\[([^]]*)]\\([^)]*\\)");

    /** All keys, in the order of their names. */
    public static List<DocumentedKey> all() {
        return DeclaredKeys.methods(SluiceConfig.class).entrySet().stream()
                .map(entry -> of(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static DocumentedKey of(String name, Method method) {
        Key key =
                Objects.requireNonNull(
                        method.getAnnotation(Key.class), () -> name + " has no @Key");
        String byDefault =
                Optional.ofNullable(method.getAnnotation(WithDefault.class))
                        .map(value -> "`" + value.value() + "`")
                        .orElse(key.without().isEmpty() ? "–" : key.without());
        Bound bound =
                Objects.requireNonNull(Bounds.byKind().get(name), () -> name + " has no bound");
        return new DocumentedKey(name, byDefault, bound.words(), key.value());
    }

    /** The row of docs/CONFIGURATION.md. */
    public String row() {
        return "| `%s` | %s | %s | %s |".formatted(name, byDefault, values, meaning);
    }

    /**
     * The environment variable that sets it. Each character of the key that is neither a letter nor
     * a digit is an underscore there.
     */
    public String variable() {
        String example = name.replace("[*]", "[0]").replace("*", "NAME");
        return "SLUICE_" + example.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    /** A Markdown text as plain text. */
    public static String plain(String markdown) {
        return LINK.matcher(markdown).replaceAll("$1").replace("`", "");
    }
}
