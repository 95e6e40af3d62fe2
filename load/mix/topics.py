"""Topics that are made, written to and deleted."""

import random

from drive.client import Client, well
from drive.worker import Counts

from kbroker.protocol.create_topics import CreatableTopic, CreatableTopicConfig, CreateTopicsRequest
from kbroker.protocol.delete_topics import DeleteTopicsRequest
from kbroker.protocol.records import encode_batch
from mix.pace import Pace
from mix.streams import produce, records

PARTITIONS = 3
NAMES = 50  # some come again


def creation(name: str, partitions: int, **configs: str) -> CreateTopicsRequest:
    """A request for one topic; configs with `_` for `.`."""
    settings = [CreatableTopicConfig(key.replace("_", "."), value) for key, value in configs.items()]
    return CreateTopicsRequest([CreatableTopic(name, partitions, 1, configs=settings)])


async def create(client: Client, name: str, partitions: int, **configs: str) -> None:
    """Create a topic."""
    answer = await client.ask(creation(name, partitions, **configs), 5)
    well(answer.topics[0].error_code, f"CreateTopics of {name}")


async def making_topics(counts: Counts, port: int, pace: Pace) -> None:
    """Make a topic, write to each of its partitions, and delete it, on one connection."""
    client = await Client.dial(port)
    try:
        while True:
            name = f"short-lived-{random.randrange(NAMES)}"
            await create(client, name, PARTITIONS)
            for partition in range(PARTITIONS):
                batch = bytes(encode_batch(records()))
                answer = await client.ask(produce(name, partition, batch), 9)
                well(answer.responses[0].partition_responses[0].error_code, f"Produce to {name}")
            deleted = await client.ask(DeleteTopicsRequest(topic_names=[name], timeout_ms=30_000), 4)
            well(deleted.responses[0].error_code, f"DeleteTopics of {name}")
            counts["topics"] += 1
            counts["requests"] += PARTITIONS + 2
            await pace.turn()
    finally:
        client.close()
