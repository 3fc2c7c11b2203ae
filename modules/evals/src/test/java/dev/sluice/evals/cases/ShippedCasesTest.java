package dev.sluice.evals.cases;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShippedCasesTest {
    @ParameterizedTest
    @CsvSource({"seo, 15", "support-ticket, 10", "contract-clauses, 10"})
    void casesAreReadableAndCoverHostileTruncatedAndInsufficientInputs(String name, int least)
            throws Exception {
        AnalysisDefinition definition =
                AnalysisCatalog.load(Optional.empty()).find(name).orElseThrow();

        EvalSet set = EvalSet.read(Path.of("../../analyses", name, "evals"), definition);

        assertThat(set.cases()).hasSizeGreaterThanOrEqualTo(least);
        Set<String> tags =
                set.cases().stream()
                        .flatMap(one -> one.tags().stream())
                        .collect(Collectors.toSet());
        assertThat(tags).contains("hostile", "truncated", "insufficient");
    }
}
