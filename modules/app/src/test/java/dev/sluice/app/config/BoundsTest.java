package dev.sluice.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.WithDefault;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every key at its bounds, beyond them, and with a value of another kind. */
class BoundsTest {
    @TempDir private Path folder;

    static Stream<String> kinds() {
        return DeclaredKeys.of(SluiceConfig.class).stream();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyKeyIsTakenAtItsBoundsAndRefusedBeyondThem(String kind) {
        Bound bound = Bounds.byKind().get(kind);

        assertThat(bound).as("has a bound").isNotNull();
        for (String value : admitted(bound)) {
            assertThatCode(() -> load(kind, value))
                    .as(kind + " '" + value + "'")
                    .doesNotThrowAnyException();
        }
        for (String value : refused(bound)) {
            assertThatThrownBy(() -> load(kind, value))
                    .as(kind + " '" + value + "'")
                    .isInstanceOf(InvalidConfigException.class)
                    .hasMessageEndingWith(" must be " + bound.words() + ", was '" + value + "'")
                    .hasMessageContaining(" in line 1")
                    .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyKeyIsRefusedBeyondItsBoundsFromTheEnvironmentToo(String kind) throws IOException {
        Bound bound = Bounds.byKind().getOrDefault(kind, new Bound.Anything());
        Path file = folder.resolve("sluice.yaml");
        // Names and deployments come from the file.
        String named = kind.replace("*.deployments[*]", "x.deployments[0]").replace(".*", ".x");
        Files.writeString(file, line(kind, "'" + admitted(bound).getFirst() + "'"));
        String variable =
                "SLUICE_"
                        + named.toUpperCase(Locale.ROOT)
                                .replaceAll("[.\\-\\[]", "_")
                                .replace("]", "_");
        for (String beyond : refused(bound)) {
            assertThatThrownBy(() -> ConfigLoader.load(Optional.of(file), Map.of(variable, beyond)))
                    .as(variable + " '" + beyond + "'")
                    .isInstanceOf(InvalidConfigException.class)
                    .hasMessage(named + " must be " + bound.words() + ", was '" + beyond + "'");
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyKeyThatIsASectionOrAListIsRefusedInOneLine(String kind) {
        for (String shape : List.of("{a: b}", "[a, b]")) {
            boolean takesAList = kind.equals("analyses.enabled") && shape.startsWith("[");
            if (kind.endsWith(".*") || takesAList) {
                continue;
            }
            assertThatThrownBy(() -> written(line(kind, shape)))
                    .as(kind + ": " + shape)
                    .isInstanceOf(InvalidConfigException.class)
                    .hasMessageContaining(kind.substring(kind.lastIndexOf('.') + 1))
                    .hasMessageContaining("line 1")
                    .satisfies(
                            e -> assertThat(e.getMessage().lines().count()).isLessThanOrEqualTo(2));
        }
    }

    @Test
    void everySectionThatIsATextIsRefusedInOneLine() {
        List<String> sections =
                DeclaredKeys.of(SluiceConfig.class).stream()
                        .map(kind -> kind.replaceFirst("\\..*", ""))
                        .distinct()
                        .toList();
        assertThat(sections).contains("kafka", "worker", "models");
        for (String section : sections) {
            assertThatThrownBy(() -> written(section + ": some text\n"))
                    .as(section)
                    .isInstanceOf(InvalidConfigException.class)
                    .hasMessageContaining(section)
                    .hasMessageContaining("line 1")
                    .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "analyses.dir",
                "prices.file",
                "admission.state-dir",
                "http.tls.certificate",
                "http.tls.key"
            })
    void invalidPathIsRejectedWithoutALibrarysErrorCode(String key) {
        assertThatThrownBy(() -> written(key + ": \"a\\0b\"\n"))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith(key + " in line 1 must be some text");
    }

    @Test
    void everyDefaultIsWithinItsBounds() {
        int defaults = 0;
        for (var declared : DeclaredKeys.methods(SluiceConfig.class).entrySet()) {
            WithDefault value = declared.getValue().getAnnotation(WithDefault.class);
            if (value != null) {
                Bound bound = Objects.requireNonNull(Bounds.byKind().get(declared.getKey()));
                assertThat(bound.admits(value.value())).as(declared.getKey()).isTrue();
                defaults++;
            }
        }
        assertThat(defaults).isGreaterThan(25);
    }

    @Test
    void everyKeyHasABound() {
        assertThat(Bounds.byKind().keySet()).isEqualTo(DeclaredKeys.of(SluiceConfig.class));
    }

    @Test
    void allValuesOutOfBoundsAreReportedAtOnceFromTheEnvironmentToo() throws IOException {
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, "admission: {threads: 0, standbys: -1}\nhttp: {port: eighty}\n");

        assertThatThrownBy(() ->
                        ConfigLoader.load(
                                Optional.of(file), Map.of("SLUICE_WORKER_MAX_OUTCOMES", "-1")))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("admission.threads in line 1 must be a whole number from 1")
                .hasMessageContaining("admission.standbys in line 1")
                .hasMessageContaining("http.port in line 2")
                .hasMessageContaining("worker.max-outcomes must be a whole number from 1");
    }

    private static List<String> admitted(Bound bound) {
        return switch (bound) {
            case Bound.Whole(var least, var most) -> List.of("" + least, "" + most);
            case Bound.Decimal(var least, var above, var most) ->
                    List.of(
                            (above ? least.add(new BigDecimal("0.001")) : least).toPlainString(),
                            most.toPlainString());
            case Bound.Time(var least, var most) ->
                    List.of(least.toMillis() + "ms", most.toMillis() + "ms", most.toString());
            case Bound.OneOf(var values) -> List.copyOf(values);
            case Bound.Zone() -> List.of("UTC", "Europe/Berlin");
            case Bound.Text _ -> List.of("abc", "a");
            case Bound.Names() -> List.of("seo", "seo,support-ticket", "seo, support-ticket");
            case Bound.Anything() -> List.of("", "a", "${x}");
        };
    }

    private static List<String> refused(Bound bound) {
        return switch (bound) {
            case Bound.Whole(var least, var most) ->
                    List.of(
                            "" + (least - 1),
                            "" + (most + 1),
                            "many",
                            "1.5",
                            "0x10",
                            "1_000",
                            "99999999999999999999",
                            "");
            case Bound.Decimal(var least, var above, var most) ->
                    List.of(
                            (above ? least : least.subtract(new BigDecimal("0.0001")))
                                    .toPlainString(),
                            most.add(BigDecimal.ONE).toPlainString(),
                            "much",
                            "NaN",
                            "Infinity",
                            "1e3",
                            "");
            case Bound.Time(var least, var most) ->
                    List.of(
                            least.minusMillis(1).toString(),
                            most.plus(Duration.ofMillis(1)).toString(),
                            "soon",
                            "5",
                            "PT1000000000000000H",
                            "");
            case Bound.OneOf _ -> List.of("maybe", "1", "");
            case Bound.Zone() -> List.of("Berlin", "UTC+99", "");
            case Bound.Text _ -> List.of("", " ");
            case Bound.Names() -> List.of("", "seo,", "Seo", "a b");
            case Bound.Anything() -> List.of();
        };
    }

    private SluiceConfig load(String kind, String value) throws IOException {
        return written(line(kind, "'" + value + "'"));
    }

    /** A file of one line. */
    private static String line(String kind, String value) {
        String key = kind.replace("[*]", "").replace("*", "x");
        return kind.contains("[*]")
                ? "models.x.deployments: [{"
                        + key.substring(key.lastIndexOf('.') + 1)
                        + ": "
                        + value
                        + "}]\n"
                : key + ": " + value + "\n";
    }

    private SluiceConfig written(String text) throws IOException {
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, text);
        return ConfigLoader.load(Optional.of(file), Map.of());
    }
}
