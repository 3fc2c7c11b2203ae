package dev.sluice.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.sluice.app.config.ConfigLoader;
import dev.sluice.app.config.SluiceConfig;
import io.kubernetes.client.util.ModelMapper;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class ChartTest {
    private static final Path VALUES = Path.of("src/test/resources/chart");
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Kinds of operators that Kubernetes' own model does not have. Their golden files hold. */
    private static final Set<String> CUSTOM =
            Set.of("PodMonitor", "ServiceMonitor", "PrometheusRule", "ScaledObject");

    @TempDir private Path folder;

    @Test
    void lintHasNothingToSay() {
        assertThat(Chart.lint().isFailed()).as("%s", Chart.lint().getMessages()).isFalse();
    }

    /** To accept a change: {@code -Dgolden.update=true}. */
    @ParameterizedTest
    @ValueSource(strings = {"default", "minimal", "maximal"})
    void manifestsAreThoseOfTheGoldenFile(String values) throws IOException {
        Path golden = VALUES.resolve(values + ".golden.yaml");
        String rendered = Chart.render(VALUES.resolve(values + ".yaml")).stripTrailing() + "\n";
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(golden, rendered);
        }

        assertThat(rendered).isEqualTo(Files.readString(golden));
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "minimal", "maximal"})
    void everyManifestIsStrictlyValid(String values) throws Exception {
        for (Manifest manifest : rendered(values)) {
            if (!CUSTOM.contains(manifest.kind())) {
                validate(manifest);
            }
        }
    }

    @Test
    void strictValidationFindsAWrongKey() {
        Manifest wrong =
                new Manifest(
                        Map.of(
                                "apiVersion",
                                "v1",
                                "kind",
                                "Service",
                                "spec",
                                Map.of("portz", List.of())));

        assertThatCode(() -> validate(wrong)).hasStackTraceContaining("portz");
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "minimal", "maximal"})
    void sluiceAcceptsTheRenderedConfiguration(String values) throws IOException {
        SluiceConfig config = config(values);

        assertThat(config.admission().stateDir()).isEqualTo(Path.of("/var/lib/sluice/admission"));
        assertThat(config.http().host()).isEqualTo("0.0.0.0");
    }

    @Test
    void valuesReachTheConfigurationUnchanged() throws IOException {
        SluiceConfig config = config("maximal");

        assertThat(config.kafka())
                .containsEntry("bootstrap.servers", "broker-1.kafka:9093,broker-2.kafka:9093")
                .containsEntry("request.timeout.ms", "20000");
        assertThat(config.topics().maxRequestBytes()).isEqualTo(16_777_216);
        assertThat(config.budgets().users()).containsKeys("ann", "no");
        assertThat(config.worker().grace()).isEqualTo(Duration.ofSeconds(300));
        assertThat(config.analyses().dir()).contains(Path.of("/etc/sluice/analyses"));
        SluiceConfig.CanaryVersion canary = config.analyses().canaries().get("page-tone");
        assertThat(canary.dir()).contains(Path.of("/etc/sluice/canaries/page-tone"));
        assertThat(canary.percent()).isEqualTo(20);
    }

    @Test
    void topicsJobHasTheConfigurationOfTheService() throws IOException {
        List<Manifest> manifests = rendered("maximal");

        assertThat(named(manifests, "ConfigMap", "-topics").at("data"))
                .isEqualTo(named(manifests, "ConfigMap", "llm-production").at("data"));
        assertThat(Chart.file("templates/topics-job.yaml"))
                .contains("helm.sh/hook: pre-install,pre-upgrade");
    }

    /** What YAML would change, or could not hold, if it were a block. */
    @Test
    void textOfAnalysesAndPricesIsUnchanged() throws IOException {
        String text = "\t first\r\n---\n {{ .Values }}: 'x' \n\n";
        String change =
                JSON.writeValueAsString(
                        Map.of(
                                "prices",
                                text,
                                "analyses",
                                Map.of(
                                        "own",
                                        Map.of(
                                                "analysis.yaml",
                                                text,
                                                "output.schema.json",
                                                text))));

        Manifest config = named(changed(change), "ConfigMap", "sluice");

        assertThat(config.at("data", "prices.yaml")).isEqualTo(text);
        assertThat(config.at("data", "analysis.own.analysis.yaml")).isEqualTo(text);
    }

    @Test
    void analysesAreFilesInTheirFolders() throws IOException {
        Manifest pod = named(rendered("maximal"), "StatefulSet", "-worker").pod().orElseThrow();

        assertThat(JSON.writeValueAsString(pod.list("spec", "volumes")))
                .contains("\"path\":\"analyses/page-tone/analysis.yaml\"")
                .contains("\"path\":\"canaries/page-tone/analysis.yaml\"");
        assertThat(
                        named(rendered("maximal"), "ConfigMap", "llm-production")
                                .at("data", "analysis.page-tone.analysis.yaml")
                                .toString())
                .contains("{{ not a template }}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "config: {worker.max-in-flight: 7}",
                "prices: \"prices: []\"",
                "javaOptions: -Xmx1g",
                "kafka: {settings: {linger.ms: 1}}"
            })
    void changedConfigurationRestartsThePods(String change) throws IOException {
        for (String role : List.of("-admission", "-worker")) {
            Object before = named(rendered("default"), "StatefulSet", role).at("spec", "template");
            Object after = named(changed(change), "StatefulSet", role).at("spec", "template");

            assertThat(after).isNotEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "minimal", "maximal"})
    void podsAreRestrictedAsThePodSecurityStandardDemands(String values) throws IOException {
        List<Manifest> pods =
                rendered(values).stream().flatMap(manifest -> manifest.pod().stream()).toList();

        assertThat(pods)
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(pod -> {
                    assertThat(pod.at("spec", "securityContext", "runAsNonRoot")).isEqualTo(true);
                    assertThat(pod.at("spec", "securityContext", "seccompProfile", "type"))
                            .isEqualTo("RuntimeDefault");
                    assertThat(pod.at("spec", "automountServiceAccountToken")).isEqualTo(false);
                    assertThat(pod.container().map("securityContext"))
                            .containsEntry("allowPrivilegeEscalation", false)
                            .containsEntry("readOnlyRootFilesystem", true)
                            .containsEntry("capabilities", Map.of("drop", List.of("ALL")));
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "minimal", "maximal"})
    void workersAreNotKilledWithinTheirGrace(String values) throws IOException {
        Manifest pod = named(rendered(values), "StatefulSet", "-worker").pod().orElseThrow();

        assertThat(Duration.ofSeconds((Integer) pod.at("spec", "terminationGracePeriodSeconds")))
                .isGreaterThan(config(values).worker().grace());
    }

    @Test
    void onlyWorkersHaveTheKeysOfProviders() throws IOException {
        List<Manifest> manifests = rendered("default");

        assertThat(named(manifests, "StatefulSet", "-worker").toString())
                .contains("sluice-providers");
        assertThat(
                        manifests.stream()
                                .filter(manifest ->
                                        manifest.toString().contains("sluice-providers")))
                .hasSize(1);
    }

    @Test
    void standbysAreNeverMoreThanTheOtherInstances() throws IOException {
        assertThat(config("minimal").admission().standbys()).isZero();
        assertThat(config("default").admission().standbys()).isEqualTo(1);
    }

    @Test
    void notesNameTheNextStep() {
        assertThat(Chart.notes(VALUES.resolve("minimal.yaml")))
                .contains(
                        "statefulset/sluice-worker", "!! No value names a Secret with an API key");
        assertThat(Chart.notes(VALUES.resolve("default.yaml"))).doesNotContain("!!");
    }

    @Test
    void heldAdmissionIsNotUpdated() throws IOException {
        assertThat(
                        named(rendered("maximal"), "StatefulSet", "-admission")
                                .at("spec", "updateStrategy", "rollingUpdate", "partition"))
                .isEqualTo(3);
        assertThat(named(rendered("default"), "StatefulSet", "-admission").map("spec"))
                .doesNotContainKey("updateStrategy");
    }

    @Test
    void countsOfAnAutoscaledWorkerAreLeftToTheAutoscaler() throws IOException {
        List<Manifest> manifests = rendered("maximal");

        assertThat(named(manifests, "StatefulSet", "-worker").map("spec"))
                .doesNotContainKey("replicas");
        assertThat(named(manifests, "ScaledObject", "-worker").at("spec", "maxReplicaCount"))
                .isEqualTo(24);
    }

    private List<Manifest> changed(String values) throws IOException {
        return Chart.manifests(
                Chart.render(
                        Files.writeString(
                                folder.resolve("changed.yaml"),
                                merged(Files.readString(VALUES.resolve("default.yaml")), values))));
    }

    /** Values on top of others: a map is merged into that of the same name. */
    static String merged(String values, String change) {
        Map<String, Object> base = Chart.map(Chart.yaml().loadFromString(values));
        merge(base, Chart.map(Chart.yaml().loadFromString(change)));
        return JSON.writeValueAsString(base);
    }

    private static void merge(Map<String, Object> base, Map<String, Object> change) {
        change.forEach((key, value) -> {
            if (value instanceof Map && base.get(key) instanceof Map) {
                merge(Chart.map(base.get(key)), Chart.map(value));
            } else {
                base.put(key, value);
            }
        });
    }

    /** The configuration as a pod of the image reads it. */
    private SluiceConfig config(String values) throws IOException {
        Manifest map = named(rendered(values), "ConfigMap", "");
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, map.at("data", "sluice.yaml").toString());
        return ConfigLoader.load(
                Optional.of(Path.of("../../image/defaults.yaml")),
                Optional.of(file),
                Map.of("SLUICE_WORKER_SLOT", "llm.sluice-worker-0"));
    }

    private static List<Manifest> rendered(String values) {
        return Chart.manifests(Chart.render(VALUES.resolve(values + ".yaml")));
    }

    private static Manifest named(List<Manifest> manifests, String kind, String suffix) {
        return manifests.stream()
                .filter(manifest -> manifest.kind().equals(kind))
                .filter(manifest -> manifest.name().endsWith(suffix))
                .findFirst()
                .orElseThrow();
    }

    private static void validate(Manifest manifest) throws Exception {
        String version = manifest.at("apiVersion").toString();
        Class<?> type = ModelMapper.getApiTypeClass(version, manifest.kind());
        assertThat(type).as("%s %s", version, manifest.kind()).isNotNull();
        JsonElement json = JsonParser.parseString(JSON.writeValueAsString(manifest.content()));
        try {
            var _ = type.getMethod("validateJsonElement", JsonElement.class).invoke(null, json);
        } catch (InvocationTargetException e) {
            throw new AssertionError(manifest.kind() + " " + json, e.getCause());
        }
    }
}
