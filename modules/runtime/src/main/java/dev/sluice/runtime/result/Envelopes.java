package dev.sluice.runtime.result;

import dev.sluice.contract.ResultEnvelope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;

/** Generated records as generic ones, with logical types in their plain Avro form. */
final class Envelopes {
    private Envelopes() {}

    static GenericRecord unconverted(ResultEnvelope envelope) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
            new SpecificDatumWriter<>(
                            ResultEnvelope.getClassSchema(),
                            SpecificData.getForClass(ResultEnvelope.class))
                    .write(envelope, encoder);
            return new GenericDatumReader<GenericRecord>(ResultEnvelope.getClassSchema())
                    .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot copy an envelope in memory", e);
        }
    }
}
