package dev.sluice.analysis.transport;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/** Decompressor of answers, with a size limit: a few bytes can expand to gigabytes. */
final class ContentCoding {
    /** First byte of zlib's format, which {@code deflate} means; raw deflate starts otherwise. */
    private static final int ZLIB = 0x78;

    private ContentCoding() {}

    /**
     * The decompressed body.
     *
     * @param encodings the value of Content-Encoding, the first one applied first
     * @throws UnknownEncodingException if it cannot be decompressed
     * @throws AnswerTooLargeException if the decompressed body is larger than {@code maxBytes}
     */
    static byte[] decoded(byte[] body, String encodings, int maxBytes) throws IOException {
        String[] each = encodings.toLowerCase(Locale.ROOT).strip().split("\\s*,\\s*", -1);
        byte[] decoded = body;
        for (int i = each.length - 1; i >= 0; i--) {
            decoded = decodedOnce(decoded, each[i], maxBytes);
        }
        return decoded;
    }

    private static byte[] decodedOnce(byte[] body, String encoding, int maxBytes)
            throws IOException {
        if (encoding.isEmpty() || encoding.equals("identity") || body.length == 0) {
            return body;
        }
        Inflater raw = new Inflater(true);
        try (InputStream in = stream(body, encoding, raw)) {
            byte[] decoded = in.readNBytes(maxBytes + 1);
            if (decoded.length > maxBytes) {
                throw new AnswerTooLargeException(maxBytes);
            }
            return decoded;
        } catch (AnswerTooLargeException | UnknownEncodingException e) {
            throw e;
        } catch (IOException e) {
            throw new UnknownEncodingException(encoding, e);
        } finally {
            raw.end();
        }
    }

    private static InputStream stream(byte[] body, String encoding, Inflater raw)
            throws IOException {
        InputStream in = new ByteArrayInputStream(body);
        return switch (encoding) {
            case "gzip", "x-gzip" -> new GZIPInputStream(in);
            case "deflate" ->
                    (body[0] & 0xFF) == ZLIB
                            ? new InflaterInputStream(in)
                            : new InflaterInputStream(in, raw);
            default -> throw new UnknownEncodingException(encoding);
        };
    }
}
