package dev.sluice.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules that every schema of the contract follows, so that it can evolve. */
class SchemasTest {
    static Stream<Schema> schemas() {
        return Stream.of(
                AnalysisRequest.getClassSchema(),
                AnalysisJob.getClassSchema(),
                ResultEnvelope.getClassSchema(),
                DeadLetter.getClassSchema(),
                ModelCall.getClassSchema(),
                Settlement.getClassSchema(),
                Attempt.getClassSchema(),
                Spend.getClassSchema());
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void everyTypeAndFieldIsDocumented(Schema schema) {
        for (Schema type : namedTypes(schema)) {
            assertThat(type.getDoc()).as(type.getFullName()).isNotBlank();
            if (type.getType() == Schema.Type.RECORD) {
                for (Schema.Field field : type.getFields()) {
                    assertThat(field.doc()).as("%s.%s", type.getName(), field.name()).isNotBlank();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void everyEnumFallsBackToUnknown(Schema schema) {
        for (Schema type : namedTypes(schema)) {
            if (type.getType() == Schema.Type.ENUM) {
                assertThat(type.getEnumDefault()).as(type.getFullName()).isEqualTo("UNKNOWN");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void nullableFieldsDefaultToNull(Schema schema) {
        for (Schema.Field field : schema.getFields()) {
            if (field.schema().isNullable()) {
                assertThat(field.defaultVal())
                        .as(field.name())
                        .isEqualTo(org.apache.avro.JsonProperties.NULL_VALUE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void textCarriesNoJavaProperties(Schema schema) {
        assertThat(schema.toString()).doesNotContain("java");
    }

    private static List<Schema> namedTypes(Schema schema) {
        List<Schema> found = new ArrayList<>();
        collect(schema, found);
        return found;
    }

    private static void collect(Schema schema, List<Schema> found) {
        switch (schema.getType()) {
            case RECORD -> {
                if (!found.contains(schema)) {
                    found.add(schema);
                    schema.getFields().forEach(field -> collect(field.schema(), found));
                }
            }
            case ENUM -> found.add(schema);
            case ARRAY -> collect(schema.getElementType(), found);
            case MAP -> collect(schema.getValueType(), found);
            case UNION -> schema.getTypes().forEach(type -> collect(type, found));
            default -> {}
        }
    }
}
