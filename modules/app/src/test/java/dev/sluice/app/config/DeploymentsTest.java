package dev.sluice.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.model.Deployment;
import dev.sluice.analysis.model.ModelTraits.StructuredOutput;
import dev.sluice.analysis.model.Provider;
import dev.sluice.analysis.model.Secret;
import dev.sluice.analysis.price.PriceTable;
import dev.sluice.app.config.ServicePlan.Knowledge;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeploymentsTest {
    private static final Knowledge KNOWLEDGE =
            new Knowledge(AnalysisCatalog.load(Optional.empty()), PriceTable.shipped());
    private static final Map<String, String> KEYS =
            Map.of("OPENAI_API_KEY", "o", "ANTHROPIC_API_KEY", "a", "AZURE_OPENAI_KEY", "z");

    @TempDir private Path folder;

    @Test
    void modelThatIsNotConfiguredIsCalledAtItsProvider() throws IOException {
        Deployment openAi = of("gpt-4.1-mini", "", KEYS);
        assertThat(openAi.endpoint().provider()).isEqualTo(Provider.OPENAI);
        assertThat(openAi.endpoint().baseUrl()).hasHost("api.openai.com").hasPath("/v1");
        assertThat(openAi.endpoint().apiKey()).isEqualTo(new Secret("o"));

        Deployment anthropic = of("claude-haiku-4-5", "", KEYS);
        assertThat(anthropic.endpoint().provider()).isEqualTo(Provider.ANTHROPIC);
        assertThat(anthropic.endpoint().baseUrl()).hasHost("api.anthropic.com").hasPath("");
        assertThat(anthropic.endpoint().apiKey()).isEqualTo(new Secret("a"));
    }

    @Test
    void addressesOfTheSdksAreHonoured() throws IOException {
        Map<String, String> variables =
                Map.of(
                        "OPENAI_API_KEY", "o",
                        "ANTHROPIC_API_KEY", "a",
                        "OPENAI_BASE_URL", "http://one/v1",
                        "ANTHROPIC_BASE_URL", "http://two");

        assertThat(of("gpt-5", "", variables).endpoint().baseUrl())
                .isEqualTo(URI.create("http://one/v1"));
        assertThat(of("claude-sonnet-5", "", variables).endpoint().baseUrl())
                .isEqualTo(URI.create("http://two"));
    }

    @Test
    void azureHasANameOfItsOwnForTheModel() throws IOException {
        Deployment azure =
                of(
                        "review",
                        """
                        models:
                          review:
                            deployments:
                              - provider: azure
                                model-id: gpt-4.1-mini
                                sent-as: our-deployment
                                base-url: https://x.openai.azure.com/openai/v1
                        """,
                        KEYS);

        assertThat(azure.modelId()).isEqualTo("gpt-4.1-mini");
        assertThat(azure.endpoint().sentAs()).isEqualTo("our-deployment");
        assertThat(azure.endpoint().apiKey()).isEqualTo(new Secret("z"));
        assertThat(azure.name()).isEqualTo("azure-0");
    }

    @Test
    void structuredOutputCanBeSetForServersThatSupportLessThanTheModel() throws IOException {
        Deployment local =
                of(
                        "llama",
                        """
                        models:
                          llama:
                            deployments:
                              - base-url: http://localhost:11434/v1
                                structured-output: json-object
                        """,
                        KEYS);

        assertThat(local.traits().structuredOutput()).isEqualTo(StructuredOutput.JSON_OBJECT);
    }

    @Test
    void allProblemsAreReportedAtOnce() {
        String yaml =
                """
                models:
                  one:
                    deployments:
                      - provider: opanai
                        structured-output: xml
                  two:
                    deployments:
                      - provider: azure
                        api-key: k
                  three:
                    deployments:
                      - provider: azure
                        api-key: k
                        base-url: https://x.openai.azure.com/
                """;

        assertThatThrownBy(
                        () -> all(Set.of("one", "two", "three", "claude-opus-5"), yaml, Map.of()))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("models.one.deployments[0].provider must be one of openai")
                .hasMessageContaining("structured-output must be one of json-schema")
                .hasMessageContaining("models.one.deployments[0] has no API key: set api-key")
                .hasMessageContaining("models.two.deployments[0].base-url is missing: azure has")
                .hasMessageContaining(
                        "models.three.deployments[0].base-url needs the path of Azure's interface:"
                                + " https://x.openai.azure.com/openai/v1")
                .hasMessageContaining("models.claude-opus-5 has no API key")
                .hasMessageContaining("ANTHROPIC_API_KEY");
    }

    @ParameterizedTest
    @CsvSource({
        "openai, https://api.openai.com, needs the path of the interface:"
                + " https://api.openai.com/v1",
        "openai, http://h/v1/chat/completions, 'must end before /chat/completions, which is added"
                + " to it: http://h/v1'",
        "openai, http://h/v1/v1, has its version twice",
        "openai, http://h//v1, 'has an empty part in its path: http://h/v1'",
        "openai, http://h/v1?key=SECRET, remove everything from ? or # on",
        "openai, http://h/v1#SECRET, remove everything from ? or # on",
        "openai, http://user:SECRET@h/v1, must not contain a user or password",
        "openai, http://user:SEC RET@h/v1, is not a valid URL; write one such as"
                + " https://api.openai.com/v1",
        "openai, ftp://SECRET/v1, must begin with https:// or http://",
        "openai, SECRET, must begin with https:// or http://",
        "openai, http:h, must begin with https:// or http://",
        "openai, http:///v1, has no host",
        "openai, http://h:99999/v1, has no host",
        "anthropic, https://api.anthropic.com/v1, 'must end before /v1, which is added to it:"
                + " https://api.anthropic.com'",
        "anthropic, https://h/v1/messages, 'which is added to it: https://h'",
        "azure, https://x.openai.azure.com, needs the path of Azure's interface",
    })
    void baseUrlThatCannotWorkIsRefusedWithTheFix(String provider, String url, String fix) {
        String yaml =
                "models: {m: {deployments: [{provider: %s, api-key: k, base-url: '%s'}]}}"
                        .formatted(provider, url);

        assertThatThrownBy(() -> all(Set.of("m"), yaml, Map.of()))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith("models.m.deployments[0].base-url ")
                .hasMessageContaining(fix)
                .message()
                .doesNotContain("SECRET", "SEC RET");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost:11434/v1",
                "https://generativelanguage.googleapis.com/v1beta/openai/",
                "https://openrouter.ai/api/v1",
                "http://[::1]:8000",
                "https://h/v1/projects/p/v1beta"
            })
    void baseUrlOfACompatibleServerIsUsedUnchanged(String url) throws IOException {
        String yaml = "models: {m: {deployments: [{api-key: k, base-url: '%s'}]}}".formatted(url);

        assertThat(of("m", yaml, Map.of()).endpoint().baseUrl()).isEqualTo(URI.create(url));
    }

    @Test
    void addressOfAnSdkThatCannotWorkIsNotShown() {
        assertThatThrownBy(() ->
                        of(
                                "gpt-5",
                                "",
                                Map.of(
                                        "OPENAI_API_KEY",
                                        "o",
                                        "OPENAI_BASE_URL",
                                        "http://u:SECRET@h/v1")))
                .hasMessageStartingWith("OPENAI_BASE_URL must not contain a user or password")
                .message()
                .doesNotContain("SECRET");
    }

    @Test
    void admissionAloneNeedsNoKeys() throws IOException {
        assertThat(Deployments.of(Map.of(), KNOWLEDGE, Environment.of(Map.of()), false).keySet())
                .contains("gpt-4.1-mini");
    }

    private Deployment of(String model, String yaml, Map<String, String> variables)
            throws IOException {
        return all(Set.of(model), yaml, variables).get(model).getFirst();
    }

    private Map<String, List<Deployment>> all(
            Set<String> names, String yaml, Map<String, String> variables) throws IOException {
        Path file = folder.resolve("sluice.yaml");
        Files.writeString(file, yaml);
        SluiceConfig config = ConfigLoader.load(Optional.of(file), Map.of());
        return Deployments.of(names, config.models(), KNOWLEDGE, Environment.of(variables));
    }
}
