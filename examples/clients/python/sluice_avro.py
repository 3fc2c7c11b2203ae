"""Confluent's wire format: a zero, the schema's id in four bytes, Avro binary."""
import io
import json
import struct
import urllib.request

import avro.io
import avro.schema


class Registry:
    """A schema registry. It keeps what it has read."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        self.schemas = {}

    def _get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def latest(self, subject):
        """The id of the subject's latest schema."""
        found = self._get("/subjects/%s/versions/latest" % subject)
        self.schemas[found["id"]] = avro.schema.parse(found["schema"])
        return found["id"]

    def schema(self, schema_id):
        if schema_id not in self.schemas:
            found = self._get("/schemas/ids/%d" % schema_id)
            self.schemas[schema_id] = avro.schema.parse(found["schema"])
        return self.schemas[schema_id]

    def encode(self, schema_id, record):
        out = io.BytesIO()
        out.write(struct.pack(">bI", 0, schema_id))
        avro.io.DatumWriter(self.schema(schema_id)).write(record, avro.io.BinaryEncoder(out))
        return out.getvalue()

    def decode(self, value):
        magic, schema_id = struct.unpack(">bI", value[:5])
        if magic != 0:
            raise ValueError("not in Confluent's wire format")
        decoder = avro.io.BinaryDecoder(io.BytesIO(value[5:]))
        return avro.io.DatumReader(self.schema(schema_id)).read(decoder)
