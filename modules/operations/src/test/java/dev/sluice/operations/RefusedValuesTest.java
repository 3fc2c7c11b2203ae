package dev.sluice.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that must not be installed are refused with a message that names them. */
class RefusedValuesTest {
    private static final String CANARY = "canary-4c1b";

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                // What is missing, with its fix.
                "image: {repository: ''}                       | image.repository is missing",
                "kafka: {bootstrapServers: ''}                 | kafka.bootstrapServers is missing",
                "registry: {url: ''}                           | registry.url is missing",
                // What has the wrong form.
                "kafka: {bootstrapServers: broker}             | bootstrapServers",
                "kafka: {bootstrapServers: 'a:1, b:2'}         | bootstrapServers",
                "registry: {url: registry:8081}                | url",
                "image: {digest: latest}                       | digest",
                "worker: {replicas: many}                      | replicas",
                "worker: {replicas: -1}                        | replicas",
                "worker: {graceSeconds: 60s}                   | graceSeconds",
                "worker: {replica: 2}                          | replica",
                "wroker: {replicas: 2}                         | wroker",
                "existingSecrets: secret                       | existingSecrets",
                "existingSecrets: ['a b']                      | existingSecrets",
                "topics: {prefix: 'a b'}                       | prefix",
                "topics: {prefix: \"a\\\"\\nb: c\"}            | prefix",
                "analyses: {../seo: {analysis.yaml: x}}        | ../seo",
                "analyses: {seo: {../x: y}}                    | ../x",
                "podDisruptionBudget: {maxUnavailable: 0}      | maxUnavailable",
                "podDisruptionBudget: {maxUnavailable: 120%}   | maxUnavailable",
                "extraEnv: [{value: x}]                        | extraEnv",
                "admission: {storage: {size: 10}}              | size",
                "worker: {replicas: 0}                         | replicas",
                "admission: {replicas: null}                   | replicas",
                "image: {repository: 'sluice:latest'}          | repository",
                "fullnameOverride: my.sluice                   | fullnameOverride",
                "nameOverride: '123'                           | nameOverride",
                "priorityClassName: '{{ .Values }}'            | priorityClassName",
                "admission: {storage: {className: \"a\\nb: c\"}} | className",
                "podLabels: {app.kubernetes.io/name: x}        | app.kubernetes.io/name",
                "commonLabels: {'bad label!': a}               | bad label!",
                "podAnnotations: {checksum/config: x}          | checksum/config",
                // More instances than partitions.
                "worker: {replicas: 9}                         | worker.replicas is 9, but 8 partitions",
                "admission: {replicas: 9}                      | admission.replicas is 9, but 8 partitions",
                "worker: {autoscaling: {enabled: true, models: [m], maxReplicas: 9}} | maxReplicas is 9, but 8 partitions",
                "worker: {autoscaling: {enabled: true, models: [m], minReplicas: 5, maxReplicas: 4}} | minReplicas is 5, more than",
                // What the chart sets itself.
                "config: {http.port: 9090}                     | config.http.port is set by the chart",
                "config: {worker: {slot: a}}                   | config.worker.slot is set by the chart",
                "config: {worker: {grace: 1s}}                 | use worker.graceSeconds",
                "config: {kafka: {linger.ms: 1}}               | use kafka.settings",
                "config: {schema-registry: {a.b: 1}}           | use registry.settings",
                "kafka: {settings: {bootstrap.servers: 'a:1'}} | use kafka.bootstrapServers",
                "registry: {settings: {schema.registry.url: a}} | use registry.url",
                "config: {kafka: {}}                           | config.kafka is set by the chart",
                "config: {schema-registry: x}                  | config.schema-registry is set by the chart",
                "extraEnv: [{name: SLUICE_WORKER_SLOT, value: a}] | extraEnv has SLUICE_WORKER_SLOT",
                "extraEnv: [{name: SLUICE_TOPICS_PARTITIONS, value: '9'}] | extraEnv has SLUICE_TOPICS_PARTITIONS",
                "worker: {autoscaling: {enabled: true}}        | autoscaling.models is missing",
                "worker: {autoscaling: {enabled: true, models: [m], settings: {topic: a}}} | settings.topic is set by the chart",
                // What contradicts itself.
                "http: {token: {existingSecret: a}}            | needs http.tls.existingSecret",
                "metrics: {podMonitor: {enabled: true}, serviceMonitor: {enabled: true}} | both enabled",
                "analyses: {seo: {analysis.yaml: x}}           | analyses.seo has no output.schema.json",
                "canaries: {seo: {analysis.yaml: x}}           | canaries.seo has no output.schema.json",
                "{canaries: {seo: {analysis.yaml: x, output.schema.json: x}}, config: {analyses.canaries.seo.dir: /x}} | config.analyses.canaries.seo.dir and canaries exclude",
                "{prices: 'prices: []', config: {prices.file: /x}} | config.prices.file and prices exclude",
            })
    void refusedByName(String change, String message) throws IOException {
        assertThatThrownBy(() -> render(change))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "kafka: {settings: {sasl.jaas.config: 'password=\"%s\"'}}",
                "kafka: {settings: {ssl.key.password: %s}}",
                "kafka: {settings: {ssl.keystore.key: %s}}",
                "kafka: {settings: {sasl.oauthbearer.client.credentials.client.secret: %s}}",
                "registry: {settings: {basic.auth.user.info: 'sluice:%s'}}",
                "registry: {settings: {bearer.auth.token: %s}}",
                "registry: {settings: {request.header.X-Api-Key: %s}}",
                "registry: {url: 'https://sluice:%s@registry:8081'}",
                "config: {models: {gpt-4.1: {deployments: [{api-key: %s}]}}}",
                "config: {http: {token: %s}}",
                "config: {models: {m: {deployments: [{base-url: 'https://user:%s@host/v1'}]}}}",
                "extraEnv: [{name: OPENAI_API_KEY, value: %s}]",
                "javaOptions: -Djavax.net.ssl.trustStorePassword=%s",
                "worker: {autoscaling: {enabled: true, models: [m], settings: {password: %s}}}",
            })
    void secretsAreRefusedAndNeverRepeated(String change) throws IOException {
        assertThatThrownBy(() -> render(change.formatted(CANARY)))
                .hasMessageContaining("Secret")
                .message()
                .doesNotContain(CANARY);
    }

    @Test
    void allProblemsAreReportedAtOnce() {
        assertThatThrownBy(() ->
                        render(
                                "{worker: {replicas: 9}, config: {http.port: 1},"
                                        + " metrics: {podMonitor: {enabled: true},"
                                        + " serviceMonitor: {enabled: true}}}"))
                .hasMessageContaining("worker.replicas is 9")
                .hasMessageContaining("config.http.port")
                .hasMessageContaining("both enabled");
    }

    @Test
    void namesThatOnlyLookLikeSecretsAreAccepted() throws IOException {
        assertThat(
                        render(
                                """
                                config:
                                  budgets: {users: {token: 1}}
                                  models: {m: {deployments: [{key-alias: a, tokens-per-minute: 1}]}}
                                registry:
                                  settings:
                                    request.header.x-tenant: blue
                                kafka:
                                  settings:
                                    sasl.oauthbearer.token.endpoint.url: https://login.example.org
                                """))
                .contains("tokens-per-minute: 1", "sasl.oauthbearer.token.endpoint.url");
    }

    private String render(String change) throws IOException {
        String values = Files.readString(Path.of("src/test/resources/chart/default.yaml"));
        return Chart.render(
                Files.writeString(folder.resolve("values.yaml"), ChartTest.merged(values, change)));
    }
}
