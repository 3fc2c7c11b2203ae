package dev.sluice.runtime.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.definition.AnalysisDefinition.OutputRules;
import dev.sluice.analysis.definition.OutputSchema;
import dev.sluice.analysis.input.PreparedInput;
import dev.sluice.analysis.model.FinishReason;
import dev.sluice.analysis.model.ModelReply;
import dev.sluice.analysis.model.RateLimits;
import dev.sluice.analysis.verdict.Judge;
import dev.sluice.analysis.verdict.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ResultTypeTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** A random schema and a random instance of it, both from one seed. */
    @Property(tries = 500)
    void everyAcceptedOutputSurvivesConversionToAvroAndBack(@ForAll long seed) throws IOException {
        RandomSchema random = new RandomSchema(new Random(seed));
        ObjectNode schema = random.object(3);
        ObjectNode output = random.instance(schema);
        Verdict verdict = judged(schema, output);
        assertThat(verdict).as("%s of %s", output, schema).isInstanceOf(Verdict.Valid.class);
        ObjectNode accepted = ((Verdict.Valid) verdict).output();

        ResultType type = ResultType.of("random", schema);
        GenericRecord read = overTheWire(type.toAvro(accepted));

        assertThat(RandomSchema.sameJson(type.toJson(read), accepted))
                .as("%s came back as %s", accepted, type.toJson(read))
                .isTrue();
    }

    private static Verdict judged(ObjectNode schema, ObjectNode output) {
        OutputRules rules =
                new OutputRules(OutputSchema.of(schema), List.of(), 100, 0, Duration.ZERO);
        ModelReply.Answered answer =
                new ModelReply.Answered(
                        output.toString(),
                        FinishReason.STOP,
                        Optional.empty(),
                        "r",
                        RateLimits.NONE);
        return new Judge(rules).judge(answer, new PreparedInput("", 0, 0, 0));
    }

    @Test
    void seoHasTypedColumnsInsideTheEnvelope() {
        AnalysisDefinition seo = AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();

        Schema schema = ResultType.of("seo", seo.output().schema().tree()).schema();

        assertThat(schema.getFullName()).isEqualTo("dev.sluice.results.SeoResult");
        Schema output = schema.getField("output").schema();
        assertThat(output.getField("priority_score").schema().getType())
                .isEqualTo(Schema.Type.LONG);
        assertThat(output.getField("title_tag").schema().getType()).isEqualTo(Schema.Type.STRING);
        assertThat(output.getField("issues").schema().getElementType().getType())
                .isEqualTo(Schema.Type.STRING);
        assertThat(output.getField("title_tag").doc()).contains("title element");
        assertThat(schema.getFields().getLast().name()).isEqualTo("output");
    }

    @Test
    void optionalAndNullableFieldsSurviveConversion() {
        ResultType type =
                ResultType.of(
                        "t",
                        schema(
                                """
                                {"type":"object","additionalProperties":false,"required":["n"],
                                 "properties":{
                                  "n":{"type":["string","null"]},
                                  "o":{"type":"integer","minimum":0,"maximum":9}}}
                                """));

        for (String output : List.of("{\"n\":null}", "{\"n\":\"x\",\"o\":3}", "{\"n\":\"\"}")) {
            ObjectNode tree = schema(output);
            assertThat(type.toJson(type.toAvro(tree)).toString()).isEqualTo(tree.toString());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type':['string','integer']} | /properties/f | several types",
                "{} | /properties/f | has no type",
                "{'type':'integer'} | /properties/f | 64 bits",
                "{'type':'integer','minimum':0,'maximum':1e30} | /properties/f | 64 bits",
                "{'type':'array'} | /properties/f/items | is missing",
                "{'type':'object','properties':{}} | /properties/f/additionalProperties | must be false",
            })
    void partsWithoutAnAvroFormAreReportedWithTheirPath(String field, String path, String message) {
        ObjectNode schema =
                schema(
                        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"f\"],"
                                + "\"properties\":{\"f\":"
                                + field.replace('\'', '"')
                                + "}}");

        assertThat(ResultType.problems("t", schema))
                .anySatisfy(problem -> {
                    assertThat(problem.path()).isEqualTo(path);
                    assertThat(problem.message()).contains(message);
                });
        assertThatThrownBy(() -> ResultType.of("t", schema))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void fieldThatIsOptionalAndNullableIsAProblem() {
        ObjectNode schema =
                schema(
                        """
                        {"type":"object","additionalProperties":false,
                         "properties":{"f":{"type":["string","null"]},"a-b":{"type":"string"}}}
                        """);

        assertThat(ResultType.problems("t", schema))
                .extracting(AvroProblem::path)
                .containsExactlyInAnyOrder("/properties/f", "/properties/a-b");
    }

    private static ObjectNode schema(String text) {
        return (ObjectNode) JSON.readTree(text);
    }

    private static GenericRecord overTheWire(GenericRecord record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
        return new GenericDatumReader<GenericRecord>(record.getSchema())
                .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
    }
}
