'use strict';
// Publishes one request. Arguments: brokers, registry, prefix of topics, requestId, userId, file.
const fs = require('node:fs');
const { Kafka, logLevel } = require('kafkajs');
const { SchemaRegistry } = require('@kafkajs/confluent-schema-registry');

const [brokers, registryUrl, prefix, requestId, userId, file] = process.argv.slice(2);

async function main() {
  const registry = new SchemaRegistry({ host: registryUrl });
  const topic = `${prefix}requests.v1`;
  // The registered schema: publishers never register one.
  const schemaId = await registry.getLatestSchemaId(`${topic}-value`);
  // All fields must be there: avsc does not fill in defaults.
  const value = await registry.encode(schemaId, {
    requestId,
    userId,
    analysis: 'seo',
    content: fs.readFileSync(file, 'utf8'),
    attributes: {},
    runId: null,
    priority: 'INTERACTIVE',
    deadline: null,
    cache: 'ALLOW',
    whenOverBudget: 'REFUSE',
    submittedAt: Date.now(),
  });
  const kafka = new Kafka({ clientId: 'publisher', brokers: brokers.split(','), logLevel: logLevel.ERROR });
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  await producer.send({ topic, messages: [{ key: userId, value }] });
  await producer.disconnect();
  console.log(`published ${requestId}`);
}

main().catch((error) => {
  console.error(String(error));
  process.exit(1);
});
