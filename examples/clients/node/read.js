'use strict';
// Reads outcomes of the analysis seo. Arguments: brokers, registry, prefix of topics, and how many
// outcomes to read before it ends (without: until Ctrl-C).
const { Kafka, logLevel } = require('kafkajs');
const { SchemaRegistry } = require('@kafkajs/confluent-schema-registry');

const [brokers, registryUrl, prefix, count] = process.argv.slice(2);
const results = `${prefix}results.seo.v1`;
const deadLetters = `${prefix}dead-letters.v1`;

function line(topic, outcome) {
  return topic === deadLetters
    ? `${outcome.requestId}: ${outcome.reason}, ${outcome.message}`
    : `${outcome.requestId}: ${outcome.output.title_tag}`;
}

async function main() {
  const registry = new SchemaRegistry({ host: registryUrl });
  const kafka = new Kafka({ clientId: 'reports', brokers: brokers.split(','), logLevel: logLevel.ERROR });
  // kafkajs reads committed records unless it is told otherwise.
  const consumer = kafka.consumer({ groupId: 'reports-node' });
  await consumer.connect();
  await consumer.subscribe({ topics: [results, deadLetters], fromBeginning: true });
  let left = count === undefined ? Infinity : Number(count);
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer.run({
      eachMessage: async ({ topic, message }) => {
        console.log(line(topic, await registry.decode(message.value)));
        left -= 1;
        if (left === 0) {
          resolve();
        }
      },
    }).catch(reject);
  });
  await consumer.disconnect();
}

main().catch((error) => {
  console.error(String(error));
  process.exit(1);
});
