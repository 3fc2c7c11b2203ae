package dev.sluice.contract.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.devkit.EmbeddedRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bytes worked out by hand: magic 00, id as big-endian int, then Avro's binary encoding. */
class WireFormatGoldenTest {
    private static final Schema PAGE =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Page","namespace":"t","fields":[
                              {"name":"title","type":"string"},
                              {"name":"length","type":"int"},
                              {"name":"tags","type":{"type":"array","items":"string"}},
                              {"name":"labels","type":{"type":"map","values":"long"}},
                              {"name":"note","type":["null","string"]},
                              {"name":"ok","type":"boolean"}]}
                            """);

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
    void recordIsMagicThenIdThenAvroBinary() {
        GenericRecord page =
                new GenericRecordBuilder(PAGE)
                        .set("title", "é!")
                        .set("length", -2)
                        .set("tags", java.util.List.of("a", "bc"))
                        .set("labels", Map.of("k", 64L))
                        .set("note", null)
                        .set("ok", true)
                        .build();

        byte[] bytes = serializer(Map.of()).serialize("pages", page);

        assertThat(HexFormat.of().formatHex(bytes))
                .isEqualTo(
                        "00"
                                + "00000001" // magic, first id of a new registry
                                + "06"
                                + "c3a921" // 3 bytes of UTF-8: zigzag(3) = 6
                                + "03" // zigzag(-2) = 3
                                + "04"
                                + "0261"
                                + "046263"
                                + "00" // block of 2 items, end
                                + "02"
                                + "026b"
                                + "8001"
                                + "00" // block of 1 entry, zigzag(64)=128
                                + "00" // branch 0 of the union: null
                                + "01"); // true
    }

    @Test
    void idTakesFourBytesBigEndian() {
        assertThat(HexFormat.of().formatHex(WireFormat.prefix(0x01020304))).isEqualTo("0001020304");
        assertThat(WireFormat.schemaId(HexFormat.of().parseHex("0001020304ff")))
                .isEqualTo(0x01020304);
    }

    @Test
    void topLevelBytesHaveNoAvroLength() {
        byte[] bytes = serializer(Map.of()).serialize("raw", new byte[] {9, 8});

        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("0000000001" + "0908");
        assertThat(deserializer(Map.of()).deserialize("raw", bytes)).isEqualTo(new byte[] {9, 8});
    }

    @Test
    void byteBufferIsWrittenFromItsPosition() {
        ByteBuffer buffer = ByteBuffer.wrap(new byte[] {1, 2, 3}).position(1);

        byte[] bytes = serializer(Map.of()).serialize("raw", buffer);

        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("0000000001" + "0203");
    }

    @Test
    void topLevelStringAndNumberAreAvroPrimitives() {
        ConfluentAvroSerializer<Object> serializer = serializer(Map.of());

        assertThat(HexFormat.of().formatHex(serializer.serialize("text", "ab")))
                .isEqualTo("0000000001" + "046162");
        assertThat(HexFormat.of().formatHex(serializer.serialize("number", 1)))
                .isEqualTo("0000000002" + "02");
        assertThat(deserializer(Map.of()).deserialize("text", hex("0000000001046162")))
                .isEqualTo("ab");
    }

    @Test
    void nullIsATombstone() {
        assertThat(serializer(Map.of()).serialize("pages", null)).isNull();
        assertThat(deserializer(Map.of()).deserialize("pages", null)).isNull();
    }

    @Test
    void trailingBytesAreIgnoredByDefault() {
        byte[] text = serializer(Map.of()).serialize("text", "ab");
        byte[] longer = java.util.Arrays.copyOf(text, text.length + 1);

        assertThat(deserializer(Map.of()).deserialize("text", longer)).isEqualTo("ab");
        assertThatThrownBy(() ->
                        deserializer(Map.of("avro.fail.on.trailing.data", true))
                                .deserialize("text", longer))
                .isInstanceOf(UndecodableException.class)
                .hasMessageContaining("more bytes after the record");
    }

    @Test
    void otherMagicBytesAreUndecodable() {
        ConfluentAvroDeserializer<Object> deserializer = deserializer(Map.of());

        assertThatThrownBy(() ->
                        deserializer.deserialize(
                                "pages", "{\"a\":1}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UndecodableException.class)
                .hasMessageContaining("unknown magic byte 123");
        assertThatThrownBy(() -> deserializer.deserialize("pages", new byte[] {0, 0}))
                .isInstanceOf(UndecodableException.class);
        assertThatThrownBy(() -> deserializer.deserialize("pages", new byte[17 + 3]))
                .isInstanceOf(dev.sluice.contract.registry.SchemaNotFoundException.class);
        assertThatThrownBy(
                        () -> {
                            byte[] guid = new byte[20];
                            guid[0] = 1;
                            deserializer.deserialize("pages", guid);
                        })
                .isInstanceOf(UndecodableException.class)
                .hasMessageContaining("GUID");
    }

    @Test
    void schemaIdInAHeaderIsRejectedWithTheFix() {
        RecordHeaders headers = new RecordHeaders();
        headers.add("__value_schema_id", hex("0000000001"));

        assertThatThrownBy(
                        () -> deserializer(Map.of()).deserialize("pages", headers, hex("046162")))
                .isInstanceOf(UndecodableException.class)
                .hasMessageContaining("use the prefix format");
    }

    @Test
    void truncatedRecordIsUndecodable() {
        GenericRecord page = new GenericData.Record(PAGE);
        page.put("title", "t");
        page.put("length", 1);
        page.put("tags", java.util.List.of());
        page.put("labels", Map.of());
        page.put("ok", false);
        byte[] bytes = serializer(Map.of()).serialize("pages", page);

        for (int length = WireFormat.PREFIX_LENGTH; length < bytes.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> deserializer(Map.of()).deserialize("pages", cut))
                    .isInstanceOf(UndecodableException.class);
        }
    }

    private <T> ConfluentAvroSerializer<T> serializer(Map<String, ?> settings) {
        ConfluentAvroSerializer<T> serializer = new ConfluentAvroSerializer<>();
        serializer.configure(with(settings), false);
        return serializer;
    }

    private <T> ConfluentAvroDeserializer<T> deserializer(Map<String, ?> settings) {
        ConfluentAvroDeserializer<T> deserializer = new ConfluentAvroDeserializer<>();
        deserializer.configure(with(settings), false);
        return deserializer;
    }

    private Map<String, Object> with(Map<String, ?> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("schema.registry.url", registry.url());
        return all;
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
