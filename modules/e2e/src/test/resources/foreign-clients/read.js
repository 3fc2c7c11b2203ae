'use strict';
// Reads topics from their beginning with kafkajs as it comes, without plugins.
// Arguments: brokers, then TOPIC=RECORDS for each topic and how many records are expected.
// Prints one line of JSON for each record: topic, key, length and first bytes of the value.
const { Kafka, logLevel } = require('kafkajs');

const [brokers, ...wanted] = process.argv.slice(2);
const expected = new Map(
  wanted.map((pair) => [pair.slice(0, pair.lastIndexOf('=')), Number(pair.slice(pair.lastIndexOf('=') + 1))]),
);
const kafka = new Kafka({ clientId: 'foreign', brokers: brokers.split(','), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: `foreign-${process.pid}`, readUncommitted: false, retry: { retries: 0 } });

function fail(error) {
  console.error(error.stack || String(error));
  process.exit(1);
}

async function main() {
  let left = 0;
  expected.forEach((count) => { left += count; });
  consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
  await consumer.connect();
  await consumer.subscribe({ topics: [...expected.keys()], fromBeginning: true });
  await new Promise((resolve) => {
    consumer.run({
      eachMessage: async ({ topic, message }) => {
        console.log(JSON.stringify({
          topic,
          key: message.key === null ? null : message.key.toString('utf8'),
          length: message.value === null ? -1 : message.value.length,
          head: message.value === null ? '' : message.value.subarray(0, 5).toString('hex'),
        }));
        left -= 1;
        if (left === 0) {
          resolve();
        }
      },
    }).catch(fail);
  });
  await consumer.disconnect();
}

main().catch(fail);
