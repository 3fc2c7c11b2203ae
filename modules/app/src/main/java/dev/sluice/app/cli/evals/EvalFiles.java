package dev.sluice.app.cli.evals;

import dev.sluice.app.cli.common.CommandFailedException;
import dev.sluice.evals.report.EvalReport;
import dev.sluice.evals.report.HtmlReport;
import dev.sluice.evals.report.JUnitReport;
import dev.sluice.evals.report.JsonReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes the report of an eval into files. */
final class EvalFiles {
    private static final List<String> NAMES = List.of("report.html", "report.json", "junit.xml");

    private EvalFiles() {}

    /** Creates the folder, before anything is paid. */
    static void prepare(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CommandFailedException("--out: cannot create the folder " + folder);
        }
    }

    /** Writes the files into a folder, in place of those of an earlier eval. */
    static void write(EvalReport report, Path folder) {
        try {
            write(folder, NAMES.get(0), HtmlReport.of(report));
            write(folder, NAMES.get(1), JsonReport.page(report));
            write(folder, NAMES.get(2), JUnitReport.of(report));
        } catch (IOException e) {
            throw new CommandFailedException("cannot write the report: " + e);
        }
    }

    /** Outputs may have characters that are none; they become question marks. */
    private static void write(Path folder, String name, String text) throws IOException {
        var _ = Files.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }

    /** The names of the files. */
    static String names() {
        return String.join(", ", NAMES);
    }
}
