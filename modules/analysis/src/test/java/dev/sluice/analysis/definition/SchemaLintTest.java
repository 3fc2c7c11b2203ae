package dev.sluice.analysis.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class SchemaLintTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type':'string'} | /properties/f: has no description",
                "{'type':'string','description':'d'} | /properties/f: is unbounded; add maxLength or enum",
                "{'type':['string','null'],'description':'d'} | /properties/f: is unbounded; add maxLength",
                "{'type':'integer','minimum':0,'description':'d'} | /properties/f: is unbounded; add minimum",
                "{'type':'array','description':'d','items':{'const':1,'description':'d'}} | add maxItems",
                "{'type':'array','maxItems':2,'description':'d','items':{'type':'string','maxLength':3}} |"
                        + " /properties/f/items: has no description",
                "{'type':'object','description':'d','properties':{'g':{'const':1}}} |"
                        + " /properties/f/properties/g: has no description",
                "{'type':'string','maxLenght':3,'enum':['a'],'description':'d'} |"
                        + " /properties/f/maxLenght: is not supported",
                "{'type':'string','maxLength':3,'pattern':'(','description':'d'} | pattern",
                "{'type':'strin','description':'d'} | /properties/f/type",
                "{'type':'string','maxLength':'3','description':'d'} | /properties/f/maxLength",
                "{'enum':[],'description':'d'} | /properties/f/enum: allows no value; add at least one",
                "{'$ref':'#/$defs/short','description':'d'} | /properties/f/$ref: is not supported",
                "{'anyOf':[{'const':1}],'description':'d'} | /properties/f/anyOf: is not supported",
                "{'description':'d'} | /properties/f: has no type",
                "{'type':'integer','minimum':3,'maximum':2,'description':'d'} | minimum is above maximum",
                "{'type':'string','maxLength':3,'pattern':'(?=a)','description':'d'} | of RE2",
                "{'type':'object','description':'d'} | /properties/f: is open; add",
                "{'type':'string','maxLength':3,'format':'e-mail','description':'d'} |"
                        + " /properties/f/format: is not a format of JSON Schema: 'e-mail'; there are date,",
                "{'type':'string','maxLength':3,'format':'color','description':'d'} | /properties/f/format",
                "{'type':'string','maxLength':3,'pattern':'(a{1000}){1000}','description':'d'} |"
                        + " /properties/f/pattern: repeats too much",
            },
            quoteCharacter = '§')
    void problemIsReportedWithItsLocation(String field, String problem) {
        assertThat(problems(schema(field))).anyMatch(found -> found.contains(problem));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'enum':['a'],'description':'d'}",
                "{'type':'boolean','description':'d'}",
                "{'type':'number','exclusiveMinimum':0,'maximum':1,'description':'d'}",
            },
            quoteCharacter = '§')
    void describedAndBoundedFieldIsValid(String field) {
        assertThat(problems(schema(field))).isEmpty();
    }

    @Test
    void requiredFieldMustExist() {
        assertThat(
                        problems(
                                "{'type':'object','additionalProperties':false,'required':['f'],'properties':{'g':{'const':1,'description':'d'}}}"))
                .containsExactly("/required: f is not among the properties");
    }

    @Test
    void onlyOneDialectIsSupported() {
        String fields =
                "'type':'object','additionalProperties':false,'properties':{'g':{'const':1,'description':'d'}}}";

        assertThat(problems("{'$schema':'http://json-schema.org/draft-07/schema#'," + fields))
                .singleElement()
                .asString()
                .startsWith("/$schema: must be ");
        assertThat(problems("{'$schema':'https://json-schema.org/draft/2020-12/schema'," + fields))
                .isEmpty();
    }

    @Test
    void outputMustBeAnObjectAndNotTooDeep() {
        assertThat(problems("{'type':'array','maxItems':1,'items':{'const':1,'description':'d'}}"))
                .contains("/type: the output must be an object");
        String deep = "{'const':1,'description':'d'}";
        for (int i = 0; i < 12; i++) {
            deep = "{'type':'object','description':'d','properties':{'f':" + deep + "}}";
        }
        assertThat(problems(deep)).anyMatch(problem -> problem.contains("nested deeper than 10"));
    }

    private static String schema(String field) {
        return "{'type':'object','additionalProperties':false,'properties':{'f':" + field + "}}";
    }

    private static List<String> problems(String schema) {
        List<String> problems = new ArrayList<>();
        SchemaLint.check(
                JsonMapper.shared().readTree(schema.replace('\'', '"')),
                (pointer, message) -> problems.add(pointer + ": " + message));
        return problems;
    }
}
