"""Reads outcomes of the analysis seo.

Arguments: brokers, registry, prefix of topics, and how many outcomes to read before it ends
(without: until Ctrl-C).
"""
import sys

from confluent_kafka import Consumer

from sluice_avro import Registry


def line(is_dead_letter, outcome):
    if is_dead_letter:
        return "%(requestId)s: %(reason)s, %(message)s" % outcome
    return "%s: %s" % (outcome["requestId"], outcome["output"]["title_tag"])


def main(brokers, registry_url, prefix, count=None):
    registry = Registry(registry_url)
    dead_letters = prefix + "dead-letters.v1"
    # librdkafka reads committed records unless it is told otherwise.
    consumer = Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": "reports-python",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([prefix + "results.seo.v1", dead_letters])
    left = int(count) if count else -1
    try:
        while left != 0:
            message = consumer.poll(1)
            if message is None:
                continue
            if message.error():
                sys.exit(str(message.error()))
            print(line(message.topic() == dead_letters, registry.decode(message.value())), flush=True)
            # Once it is processed: each outcome is seen at least once.
            consumer.commit(message, asynchronous=False)
            left -= 1
    finally:
        consumer.close()


main(*sys.argv[1:])
