package dev.sluice.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The cases of the shipped analysis of pages, replayed. The simulator was recorded, so this says
 * nothing of a model: it says that prompts, cases and recordings fit together. After a change of
 * the prompt, {@code -Dsluice.evals=record} records the simulator anew, at no cost.
 */
class ReplayedCasesTest {
    @RegisterExtension static final RecordedSimulator SIMULATOR = new RecordedSimulator();

    @RegisterExtension
    static final AnalysisExtension SEO =
            AnalysisExtension.of("seo")
                    .analyses(Path.of("../../analyses"))
                    .recordings(Path.of("src/test/recordings/seo"))
                    .setting("OPENAI_BASE_URL", SIMULATOR.address())
                    .setting("OPENAI_API_KEY", "key");

    /** The simulator does not collapse white space, as the case {@code entities} expects. */
    @Test
    void casesPassButTheOneThatTheSimulatorCannotAnswer() {
        List<String> failed = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (DynamicTest one : SEO.cases().toList()) {
            all.add(one.getDisplayName());
            try {
                one.getExecutable().execute();
            } catch (Throwable e) {
                assertThat(e).isInstanceOf(AssertionError.class);
                failed.add(one.getDisplayName());
            }
        }

        assertThat(all).hasSize(16).isSorted();
        assertThat(failed).containsExactly("entities");
    }
}
