package dev.sluice.evals;

import dev.sluice.analysis.definition.AnalysisCatalog;
import dev.sluice.analysis.definition.AnalysisDefinition;
import dev.sluice.analysis.failure.Violation;
import dev.sluice.evals.cases.EvalCase;
import dev.sluice.evals.cases.EvalSet;
import dev.sluice.evals.result.TargetResult;
import dev.sluice.evals.run.CaseRun;
import dev.sluice.evals.run.CaseRun.Slot;
import dev.sluice.evals.run.CaseRun.Validity;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** Cases of the shipped seo analysis, and runs of them. */
public final class TestCases {
    public static final AnalysisDefinition SEO =
            AnalysisCatalog.load(Optional.empty()).find("seo").orElseThrow();
    public static final String MODEL = "gpt-4.1-mini";

    private TestCases() {}

    /** So many cases, whose ids are {@code case-1} and so on. */
    public static List<EvalCase> cases(Path folder, int count) throws IOException {
        for (int i = 1; i <= count; i++) {
            Files.writeString(
                    folder.resolve("case-" + i + ".yaml"),
                    """
                    description: page %d
                    tags: [%s]
                    content: <title>Page %d</title>
                    expect:
                      output:
                        properties: {title_tag: {const: Page %d}}
                    """
                            .formatted(i, i % 2 == 0 ? "even" : "odd", i, i));
        }
        return EvalSet.read(folder, SEO).cases();
    }

    /** A result in which each case passed so often. */
    public static TargetResult result(
            String fingerprint, List<EvalCase> cases, int passes, int repeats) {
        List<CaseRun> runs = new ArrayList<>();
        for (EvalCase one : cases) {
            for (int repeat = 1; repeat <= repeats; repeat++) {
                runs.add(run(fingerprint, one, repeat, repeat <= passes));
            }
        }
        return TargetResult.of(fingerprint, MODEL, cases, runs);
    }

    public static CaseRun run(String fingerprint, EvalCase one, int repeat, boolean isPassed) {
        return new CaseRun(
                new Slot(one.id(), one.hash(), fingerprint, MODEL, repeat),
                Validity.FIRST_TRY,
                "",
                isPassed
                        ? List.of()
                        : List.of(new Violation("/title_tag", "const", "must be another")),
                Optional.of(JsonMapper.shared().createObjectNode().put("title_tag", "T")),
                List.of(),
                1,
                new BigDecimal("0.001"),
                BigDecimal.ZERO,
                100,
                10,
                repeat,
                Instant.EPOCH);
    }
}
