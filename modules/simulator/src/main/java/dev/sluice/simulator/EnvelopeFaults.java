package dev.sluice.simulator;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Faults in which the answer is correct but in an unusual envelope, or in which a 200 has no
 * answer.
 */
final class EnvelopeFaults {
    static final Fault.Group GROUP =
            new Fault.Group(
                    "Envelopes (charged where an answer comes)",
                    List.of(
                            text(
                                    "nan",
                                    "a field beside the answer is NaN, which is not valid JSON",
                                    text -> "{\"x_score\":NaN," + text.substring(1)),
                            text(
                                    "control-characters",
                                    "a field beside the answer has raw control characters",
                                    text -> "{\"x_note\":\"a\tb\nc\u0001d\"," + text.substring(1)),
                            new Fault(
                                    "raw-newlines",
                                    "the line ends of the answer are not escaped",
                                    rawNewlines()),
                            text(
                                    "blank-lines",
                                    "empty lines before the JSON, as DeepSeek's while it works",
                                    text -> "\n\n\n" + text),
                            text(
                                    "byte-order-mark",
                                    "a byte order mark before the JSON",
                                    text -> "\ufeff" + text),
                            new Fault(
                                    "status-202",
                                    "202 with an answer",
                                    Deviation.sends(answer -> answer.as(202))),
                            new Fault(
                                    "status-204",
                                    "204 without a body; not charged",
                                    Deviation.turnsAway(ChatAnswer.empty(204))),
                            new Fault(
                                    "empty-body",
                                    "200 without a body, though the model has answered",
                                    Deviation.sends(answer -> answer.saying(""))),
                            new Fault(
                                    "event-stream",
                                    "Server-sent events, though no stream was asked for",
                                    Deviation.sends((envelope, answer) ->
                                            answer.saying(
                                                    "text/event-stream",
                                                    EventStream.of(envelope)))),
                            new Fault(
                                    "gzip",
                                    "the body is compressed with gzip, although the client did"
                                            + " not ask for it",
                                    packed("gzip", EnvelopeFaults::gzip)),
                            new Fault(
                                    "deflate",
                                    "the body is compressed with deflate, although the client did"
                                            + " not ask for it",
                                    packed("deflate", DeflaterOutputStream::new)),
                            new Fault(
                                    "html-200",
                                    "a web page in a 200, as a gateway's login; not charged",
                                    Deviation.turnsAway(ChatAnswer.html(200, "Sign in")))));

    private EnvelopeFaults() {}

    /** Compresses or encodes the data written to it. */
    private interface Packing {
        OutputStream into(OutputStream out) throws IOException;
    }

    private static Fault text(String label, String description, UnaryOperator<String> change) {
        return new Fault(
                label,
                description,
                Deviation.sends(answer -> answer.saying(change.apply(answer.text()))));
    }

    /** The answer on several lines, with unescaped line ends. */
    private static Deviation rawNewlines() {
        return Deviation.drafts(draft -> draft.saying(overLines(draft.text())))
                .and(Deviation.sends(answer -> answer.saying(answer.text().replace("\\n", "\n"))));
    }

    private static String overLines(String text) {
        return text.startsWith("{")
                ? JsonMapper.shared()
                        .readTree(text)
                        .toPrettyString()
                        .replace(System.lineSeparator(), "\n")
                : text + "\n";
    }

    private static Deviation packed(String encoding, Packing packing) {
        return Deviation.sends(answer ->
                answer.saying(answer.contentType(), pack(answer.body(), packing))
                        .with(Map.of("content-encoding", encoding)));
    }

    private static OutputStream gzip(OutputStream out) throws IOException {
        return new GZIPOutputStream(out);
    }

    private static byte[] pack(byte[] body, Packing packing) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = packing.into(packed)) {
            out.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to memory", e);
        }
        return packed.toByteArray();
    }
}
