package dev.sluice.contract.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.contract.AnalysisRequest;
import dev.sluice.contract.Priority;
import dev.sluice.contract.registry.RegistryUnavailableException;
import dev.sluice.contract.registry.SchemaNotFoundException;
import dev.sluice.devkit.EmbeddedRegistry;
import dev.sluice.devkit.EmbeddedRegistry.Protection;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfluentAvroSerdeTest {
    private EmbeddedRegistry registry;

    @BeforeEach
    void startRegistry() {
        registry = EmbeddedRegistry.start();
    }

    @AfterEach
    void stopRegistry() {
        registry.close();
    }

    @Test
    void generatedClassSurvivesTheWire() {
        AnalysisRequest request = request();

        byte[] bytes = serializer(Map.of()).serialize("requests.v1", request);
        Object read =
                deserializer(Map.of("specific.avro.reader", true))
                        .deserialize("requests.v1", bytes);

        assertThat(read).isEqualTo(request);
    }

    @Test
    void registeredTextHasNoJavaProperties() {
        byte[] unused = serializer(Map.of()).serialize("requests.v1", request());

        var latest = client().latest("requests.v1-value");

        assertThat(latest.schema().toString())
                .doesNotContain("avro.java.string")
                .contains("Who pays.");
    }

    @Test
    void keysHaveASubjectOfTheirOwn() {
        ConfluentAvroSerializer<Object> serializer = new ConfluentAvroSerializer<>();
        serializer.configure(with(Map.of()), true);

        byte[] unused = serializer.serialize("requests.v1", "key");

        assertThat(registry.requests())
                .contains("POST /subjects/requests.v1-key/versions?normalize=false");
    }

    @Test
    void schemaIsRegisteredOnce() {
        ConfluentAvroSerializer<Object> serializer = serializer(Map.of());

        for (int i = 0; i < 10; i++) {
            byte[] unused = serializer.serialize("requests.v1", request());
        }

        assertThat(registry.requests()).hasSize(1);
    }

    @Test
    void withoutAutoRegisterAnUnknownSchemaIsRejected() {
        ConfluentAvroSerializer<Object> serializer =
                serializer(Map.of("auto.register.schemas", false));

        assertThatThrownBy(() -> serializer.serialize("requests.v1", request()))
                .isInstanceOf(SchemaNotFoundException.class)
                .hasMessageContaining("requests.v1-value");
    }

    @Test
    void withoutAutoRegisterAKnownSchemaIsLookedUp() {
        byte[] registered = serializer(Map.of()).serialize("requests.v1", request());

        byte[] lookedUp =
                serializer(Map.of("auto.register.schemas", false))
                        .serialize("requests.v1", request());

        assertThat(lookedUp).isEqualTo(registered);
    }

    @Test
    void latestVersionIsWrittenByFieldNameNotByPosition() {
        Schema latest =
                SchemaBuilder.record("Page")
                        .fields()
                        .name("language")
                        .type()
                        .stringType()
                        .stringDefault("en")
                        .requiredString("title")
                        .requiredString("url")
                        .endRecord();
        Schema own =
                SchemaBuilder.record("Page")
                        .fields()
                        .requiredString("url")
                        .requiredString("title")
                        .endRecord();
        int id = client().register("pages-value", latest, false);
        GenericRecord page =
                new GenericRecordBuilder(own).set("url", "/a").set("title", "A").build();

        byte[] bytes =
                serializer(Map.of("auto.register.schemas", false, "use.latest.version", true))
                        .serialize("pages", page);

        GenericRecord read = (GenericRecord) deserializer(Map.of()).deserialize("pages", bytes);
        assertThat(WireFormat.schemaId(bytes)).isEqualTo(id);
        assertThat(read.getSchema()).isEqualTo(latest);
        assertThat(read.get("title")).hasToString("A");
        assertThat(read.get("url")).hasToString("/a");
        assertThat(read.get("language")).hasToString("en");
    }

    @Test
    void latestVersionThatCannotReadTheRecordIsRejected() {
        Schema latest = SchemaBuilder.record("Page").fields().requiredInt("size").endRecord();
        Schema own = SchemaBuilder.record("Page").fields().requiredString("title").endRecord();
        int unused = client().register("pages-value", latest, false);

        assertThatThrownBy(() ->
                        serializer(
                                        Map.of(
                                                "auto.register.schemas",
                                                false,
                                                "use.latest.version",
                                                true))
                                .serialize(
                                        "pages",
                                        new GenericRecordBuilder(own).set("title", "t").build()))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("latest.compatibility.strict");
    }

    @Test
    void incompatibleSchemaIsNotRetried() {
        Schema first = SchemaBuilder.record("Page").fields().requiredInt("size").endRecord();
        Schema second = SchemaBuilder.record("Page").fields().requiredString("size").endRecord();
        int unused = client().register("pages-value", first, false);
        GenericRecord record = new GenericRecordBuilder(second).set("size", "big").build();

        assertThatThrownBy(() -> serializer(Map.of()).serialize("pages", record))
                .isInstanceOf(SerializationException.class)
                .isNotInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("409");
        assertThat(registry.requests()).hasSize(2);
    }

    @Test
    void outageIsRetriedAndThenReportedAsRetriable() {
        registry.fail(503);

        assertThatThrownBy(() -> serializer(Map.of()).serialize("requests.v1", request()))
                .isInstanceOf(RegistryUnavailableException.class);
        assertThat(registry.requests()).hasSize(3);
    }

    @Test
    void unreachableRegistryIsAnOutageToo() {
        Map<String, Object> unreachable = with(Map.of());
        unreachable.put("schema.registry.url", "http://127.0.0.1:1");
        ConfluentAvroSerializer<Object> serializer = new ConfluentAvroSerializer<>();
        serializer.configure(unreachable, false);

        assertThatThrownBy(() -> serializer.serialize("requests.v1", request()))
                .isInstanceOf(RegistryUnavailableException.class);
    }

    @Test
    void secondAddressAnswersWhenTheFirstIsDown() {
        Map<String, Object> both = with(Map.of());
        both.put("schema.registry.url", "http://127.0.0.1:1," + registry.url());
        ConfluentAvroSerializer<Object> serializer = new ConfluentAvroSerializer<>();
        serializer.configure(both, false);

        assertThat(serializer.serialize("requests.v1", request())).isNotEmpty();
    }

    @Test
    void credentialsAreSentOnlyWhenTheirSourceIsNamed() {
        try (EmbeddedRegistry guarded =
                EmbeddedRegistry.start(Protection.NONE.withPassword("ann:s3cret"))) {
            Map<String, Object> settings = with(Map.of("basic.auth.user.info", "ann:s3cret"));
            settings.put("schema.registry.url", guarded.url());
            ConfluentAvroSerializer<Object> silent = new ConfluentAvroSerializer<>();
            silent.configure(settings, false);
            assertThatThrownBy(() -> silent.serialize("t", "x"))
                    .isInstanceOf(AuthenticationException.class);

            settings.put("basic.auth.credentials.source", "USER_INFO");
            ConfluentAvroSerializer<Object> open = new ConfluentAvroSerializer<>();
            open.configure(settings, false);
            assertThat(open.serialize("t", "x")).isNotEmpty();

            settings.put(
                    "schema.registry.url", guarded.url().replace("http://", "http://ann:s3cret@"));
            settings.put("basic.auth.credentials.source", "URL");
            ConfluentAvroSerializer<Object> fromUrl = new ConfluentAvroSerializer<>();
            fromUrl.configure(settings, false);
            assertThat(fromUrl.serialize("t", "y")).isNotEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "bearer.auth.token, t",
        "bearer.auth.custom.provider.class, x.Y",
        "bearer.auth.credentials.source, SASL_OAUTHBEARER_INHERIT",
        "schema.registry.ssl.engine.factory.class, x.Y",
        "use.schema.id, 3",
        "context.name.strategy, x.Y",
        "rule.executors, encrypt",
        "value.subject.name.strategy, io.confluent.kafka.serializers.subject.RecordNameStrategy",
        "value.schema.id.serializer,"
                + " io.confluent.kafka.serializers.schema.id.HeaderSchemaIdSerializer",
        "basic.auth.credentials.source, SASL_INHERIT",
    })
    void unsupportedSettingIsRejectedByName(String key, String value) {
        assertThatThrownBy(() -> serializer(Map.of(key, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key);
    }

    @Test
    void missingAddressNamesTheKey() {
        ConfluentAvroSerializer<Object> serializer = new ConfluentAvroSerializer<>();

        assertThatThrownBy(() -> serializer.configure(Map.of(), false))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("schema.registry.url");
    }

    @Test
    void unknownEnumSymbolReadsAsUnknown() {
        Schema newer =
                new Schema.Parser()
                        .parse(
                                AnalysisRequest.getClassSchema()
                                        .toString()
                                        .replace("\"BULK\"", "\"BULK\",\"OVERNIGHT\""));
        GenericRecordBuilder newerRequest = new GenericRecordBuilder(newer);
        newerRequest.set("requestId", "r").set("userId", "u").set("analysis", "seo");
        newerRequest.set("content", "c");
        newerRequest.set(
                "priority",
                new org.apache.avro.generic.GenericData.EnumSymbol(
                        newer.getField("priority").schema(), "OVERNIGHT"));
        byte[] bytes = serializer(Map.of()).serialize("requests.v1", newerRequest.build());

        AnalysisRequest read =
                (AnalysisRequest)
                        deserializer(Map.of("specific.avro.reader", true))
                                .deserialize("requests.v1", bytes);

        assertThat(read.getPriority()).isEqualTo(Priority.UNKNOWN);
    }

    @Test
    void javaPropertiesAreTakenOutOnDemand() {
        Schema own =
                new Schema.Parser()
                        .parse(
                                """
                                {"type":"record","name":"Page","fields":[{"name":"title",
                                 "type":{"type":"string","avro.java.string":"String"}}]}
                                """);
        GenericRecord page = new GenericRecordBuilder(own).set("title", "t").build();

        byte[] unused =
                serializer(Map.of("avro.remove.java.properties", true)).serialize("pages", page);

        assertThat(client().latest("pages-value").schema().toString())
                .isEqualTo(
                        "{\"type\":\"record\",\"name\":\"Page\",\"fields\":[{\"name\":\"title\",\"type\":\"string\"}]}");
    }

    static AnalysisRequest request() {
        TrustedRecords.install();
        return AnalysisRequest.newBuilder()
                .setRequestId("r-1")
                .setUserId("ann")
                .setAnalysis("seo")
                .setContent("<title>é</title>")
                .setSubmittedAt(Instant.parse("2026-01-02T03:04:05Z"))
                .build();
    }

    private dev.sluice.contract.registry.HttpSchemaRegistry client() {
        return new dev.sluice.contract.registry.HttpSchemaRegistry(
                dev.sluice.contract.registry.RegistryConfig.from(with(Map.of())));
    }

    private ConfluentAvroSerializer<Object> serializer(Map<String, ?> settings) {
        ConfluentAvroSerializer<Object> serializer = new ConfluentAvroSerializer<>();
        serializer.configure(with(settings), false);
        return serializer;
    }

    private ConfluentAvroDeserializer<Object> deserializer(Map<String, ?> settings) {
        ConfluentAvroDeserializer<Object> deserializer = new ConfluentAvroDeserializer<>();
        deserializer.configure(with(settings), false);
        return deserializer;
    }

    private Map<String, Object> with(Map<String, ?> settings) {
        Map<String, Object> all = new HashMap<>();
        all.put("schema.registry.url", registry.url());
        all.put("max.retries", 2);
        all.put("retries.wait.ms", 1);
        all.putAll(settings);
        return all;
    }
}
