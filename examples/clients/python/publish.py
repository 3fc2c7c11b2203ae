"""Publishes one request. Arguments: brokers, registry, prefix of topics, requestId, userId, file."""
import datetime
import sys

from confluent_kafka import Producer

from sluice_avro import Registry


def main(brokers, registry_url, prefix, request_id, user_id, file):
    registry = Registry(registry_url)
    topic = prefix + "requests.v1"
    # The registered schema: publishers never register one.
    schema_id = registry.latest(topic + "-value")
    with open(file, encoding="utf-8") as page:
        content = page.read()
    request = {
        "requestId": request_id,
        "userId": user_id,
        "analysis": "seo",
        "content": content,
        "attributes": {},
        "runId": None,
        "priority": "INTERACTIVE",
        "deadline": None,
        "cache": "ALLOW",
        "whenOverBudget": "REFUSE",
        "submittedAt": datetime.datetime.now(datetime.timezone.utc),
    }
    failures = []
    producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True})
    producer.produce(
        topic,
        key=user_id,
        value=registry.encode(schema_id, request),
        on_delivery=lambda error, _: error and failures.append(error),
    )
    left = producer.flush(30)
    if failures or left:
        sys.exit("not published: %s" % (failures or "the brokers did not answer in time"))
    print("published " + request_id)


main(*sys.argv[1:])
