package dev.sluice.analysis.provider;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ProviderSchemaTest {
    private static final ObjectNode WHOLE =
            json(
                    """
                    {"$schema":"https://json-schema.org/draft/2020-12/schema","title":"T","type":"object",
                     "additionalProperties":false,"required":["items","note"],"properties":{
                     "items":{"type":"array","minItems":1,"maxItems":3,"description":"d",
                       "items":{"type":"string","maxLength":5,"pattern":"a+","description":"d"}},
                     "note":{"type":["string","null"],"format":"date","maxLength":10,"description":"d"}}}
                    """);

    @Test
    void openAiSupportsPatternsAndNumbersOfItems() {
        ProviderSchema schema = ProviderSchema.of(WHOLE, SchemaDialect.OPENAI);

        assertThat(schema.strict()).isTrue();
        assertThat(schema.schema())
                .isEqualTo(
                        json(
                                """
                                {"type":"object","additionalProperties":false,"required":["items","note"],"properties":{
                                 "items":{"type":"array","minItems":1,"maxItems":3,"description":"d",
                                   "items":{"type":"string","pattern":"a+","description":"d"}},
                                 "note":{"type":["string","null"],"format":"date","description":"d"}}}
                                """));
        assertThat(schema.omissions())
                .containsExactly(
                        new ProviderSchema.Omission("/properties/items/items", "maxLength"),
                        new ProviderSchema.Omission("/properties/note", "maxLength"));
    }

    @Test
    void anthropicSupportsNoBounds() {
        ProviderSchema schema = ProviderSchema.of(WHOLE, SchemaDialect.ANTHROPIC);

        assertThat(schema.strict()).isTrue();
        assertThat(schema.schema().toString())
                .contains("format")
                .doesNotContain("minItems")
                .doesNotContain("pattern")
                .doesNotContain("maxLength");
    }

    @Test
    void obstaclesAreReported() {
        ObjectNode open =
                json(
                        """
                        {"type":"object","required":["a"],"properties":{
                         "a":{"const":1},"b":{"const":2}}}
                        """);

        assertThat(ProviderSchema.of(open, SchemaDialect.OPENAI).obstacles())
                .containsExactly(
                        "the output needs \"additionalProperties\": false",
                        "the output needs b among the required; let it be null instead");
        assertThat(ProviderSchema.of(open, SchemaDialect.ANTHROPIC).obstacles())
                .containsExactly("the output needs \"additionalProperties\": false");
    }

    private static ObjectNode json(String text) {
        return (ObjectNode) JsonMapper.shared().readTree(text);
    }
}
