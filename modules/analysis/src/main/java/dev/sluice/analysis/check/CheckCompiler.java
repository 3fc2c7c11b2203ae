package dev.sluice.analysis.check;

import com.google.common.collect.ImmutableMap;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Compiler of the checks of one analysis. Checks are CEL expressions over {@code output}, typed by
 * its schema, and {@code input} with {@code text}, {@code characters}, {@code original_characters}
 * and {@code truncated}. The cost of an expression is limited.
 */
public final class CheckCompiler {
    private static final CelOptions OPTIONS =
            CelOptions.current()
                    .enableHeterogeneousNumericComparisons(true)
                    .enableQuotedIdentifierSyntax(true)
                    .comprehensionMaxIterations(100_000)
                    .maxExpressionCodePointSize(2_000)
                    .maxParseRecursionDepth(32)
                    .maxParseExpressionNodeCount(500)
                    .maxRegexProgramSize(1_000)
                    .build();

    private static final CelRuntime RUNTIME =
            CelRuntimeFactory.plannerRuntimeBuilder().setOptions(OPTIONS).build();

    private static final ImmutableMap<String, CelType> INPUT_FIELDS =
            ImmutableMap.of(
                    "text", SimpleType.STRING,
                    "characters", SimpleType.INT,
                    "original_characters", SimpleType.INT,
                    "truncated", SimpleType.BOOL);

    private final CelType outputType;
    private final CelCompiler compiler;

    /**
     * @param schema the output's JSON Schema
     */
    public CheckCompiler(JsonNode schema) {
        SchemaTypes types = new SchemaTypes();
        this.outputType = types.of("output", schema);
        CelType inputType = types.struct("input", INPUT_FIELDS);
        this.compiler =
                CelCompilerFactory.standardCelCompilerBuilder()
                        .setOptions(OPTIONS)
                        .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                        .setTypeProvider(types.provider())
                        .addVar("output", outputType)
                        .addVar("input", inputType)
                        .addFunctionDeclarations(
                                mixed("_==_", "equals"), mixed("_!=_", "not_equals"))
                        .setResultType(SimpleType.BOOL)
                        .build();
    }

    /**
     * Compiles one check.
     *
     * @param message shown to the model when the check fails
     * @param path the part of the output it concerns, as a JSON Pointer; empty for all of it
     * @throws IllegalArgumentException if the expression is not valid, with the reason
     */
    public Check compile(String expression, String message, String path) {
        CelValidationResult checked = compiler.compile(expression);
        if (checked.hasError()) {
            throw new IllegalArgumentException(
                    checked.getErrors().stream()
                            .map(CelIssue::getMessage)
                            .distinct()
                            .collect(Collectors.joining("; ")));
        }
        try {
            return new Check(
                    expression, message, path, outputType, RUNTIME.createProgram(checked.getAst()));
        } catch (CelEvaluationException | CelValidationException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Overloads of an operator for one integer and one double. */
    private static CelFunctionDecl mixed(String operator, String id) {
        return CelFunctionDecl.newFunctionDeclaration(
                operator,
                CelOverloadDecl.newGlobalOverload(
                        id + "_int64_double", SimpleType.BOOL, SimpleType.INT, SimpleType.DOUBLE),
                CelOverloadDecl.newGlobalOverload(
                        id + "_double_int64", SimpleType.BOOL, SimpleType.DOUBLE, SimpleType.INT));
    }
}
