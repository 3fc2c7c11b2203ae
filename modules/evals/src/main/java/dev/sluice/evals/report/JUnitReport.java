package dev.sluice.evals.report;

import dev.sluice.analysis.failure.Violation;
import dev.sluice.evals.result.CaseResult;
import dev.sluice.evals.result.TargetResult;
import dev.sluice.evals.run.CaseRun;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * A report in JUnit's XML format, as build servers show it: a test suite for each target, a test
 * for each case. A case fails if one of its repeats did, and is skipped if none says anything.
 */
public final class JUnitReport {
    private JUnitReport() {}

    /** The report as an XML document. */
    public static String of(EvalReport report) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("testsuites");
            for (TargetResult result : report.results()) {
                write(xml, report, result);
            }
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("a text takes all of it", e);
        }
        return text + "\n";
    }

    private static void write(XMLStreamWriter xml, EvalReport report, TargetResult result)
            throws XMLStreamException {
        List<CaseResult> cases = result.results();
        xml.writeStartElement("testsuite");
        xml.writeAttribute("name", report.analysis() + " " + result.model());
        xml.writeAttribute("tests", String.valueOf(cases.size()));
        xml.writeAttribute(
                "failures", String.valueOf(cases.stream().filter(JUnitReport::failed).count()));
        xml.writeAttribute(
                "skipped",
                String.valueOf(cases.stream().filter(one -> one.tally().isEmpty()).count()));
        xml.writeAttribute(
                "time", seconds(cases.stream().flatMap(one -> one.runs().stream()).toList()));
        for (CaseResult one : cases) {
            write(xml, report, result, one);
        }
        xml.writeEndElement();
    }

    private static void write(
            XMLStreamWriter xml, EvalReport report, TargetResult result, CaseResult one)
            throws XMLStreamException {
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", report.analysis() + "." + result.model());
        xml.writeAttribute("name", one.asked().id());
        xml.writeAttribute("time", seconds(one.runs()));
        if (one.tally().isEmpty()) {
            xml.writeStartElement("skipped");
            xml.writeAttribute(
                    "message", "the model was not reached, or the money did not suffice");
            xml.writeEndElement();
        } else if (failed(one)) {
            xml.writeStartElement("failure");
            xml.writeAttribute(
                    "message",
                    "passed %d of %d"
                            .formatted(one.tally().get().passes(), one.tally().get().repeats()));
            xml.writeCharacters(plain(differences(one)));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    private static boolean failed(CaseResult one) {
        return one.tally().filter(tally -> tally.passes() < tally.repeats()).isPresent();
    }

    private static String differences(CaseResult one) {
        return one.runs().stream()
                .filter(run -> run.isJudged() && !run.isPassed())
                .map(run -> "repeat " + run.slot().repeat() + ": " + words(run))
                .collect(Collectors.joining("\n"));
    }

    /** Why a run has not passed. */
    static String words(CaseRun run) {
        String differences =
                run.differences().stream()
                        .map(Violation::toString)
                        .collect(Collectors.joining("; "));
        return Optional.of(run.failure())
                .filter(failure -> !failure.isEmpty())
                .map(failure -> differences.isEmpty() ? failure : failure + ": " + differences)
                .orElse(differences);
    }

    /** Without characters that XML cannot have; answers may have any. */
    private static String plain(String text) {
        return text.codePoints()
                .map(c -> isInXml(c) ? c : '\uFFFD')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isInXml(int c) {
        return c == '\t'
                || c == '\n'
                || c == '\r'
                || (c >= ' ' && c <= 0xD7FF)
                || (c >= 0xE000 && c <= 0xFFFD)
                || c >= 0x10000;
    }

    private static String seconds(List<CaseRun> runs) {
        return String.format(
                Locale.ROOT,
                "%.3f",
                runs.stream()
                        .mapToDouble(CaseRun::seconds)
                        .filter(time -> !Double.isNaN(time))
                        .sum());
    }
}
