package dev.sluice.analysis.definition;

import com.google.re2j.Pattern;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.regex.RegularExpression;
import dev.sluice.analysis.compute.CutOff;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON Schema (2020-12) of an analysis's output. Prompt, validation and the result's Avro type are
 * all derived from it.
 *
 * @param tree the schema as written
 * @param validator the compiled schema
 */
public record OutputSchema(ObjectNode tree, Schema validator) {
    private static final Dialect DIALECT =
            Dialect.builder(Dialects.getDraft202012()).formats(BoundedFormat::all).build();

    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(
                    DIALECT,
                    builder ->
                            builder.schemaRegistryConfig(
                                    SchemaRegistryConfig.builder()
                                            .locale(Locale.ENGLISH)
                                            .formatAssertionsEnabled(true)
                                            .regularExpressionFactory(OutputSchema::re2)
                                            .build()));

    public static OutputSchema of(ObjectNode tree) {
        return new OutputSchema(tree, REGISTRY.getSchema((JsonNode) tree));
    }

    /** Patterns compiled by RE2, which matches any answer in linear time. */
    private static RegularExpression re2(String pattern) {
        Pattern compiled = Pattern.compile(pattern);
        return text -> compiled.matcher(CutOff.checked(text)).find();
    }
}
