"""The only voter of the quorum."""

from pathlib import Path

import pytest

from kbroker.broker.quorum import Voter, check_voter, only_voter
from kbroker.config.broker_config import BrokerConfig
from kbroker.embedded import open_broker
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

DIRECTORY = bytes(range(16))


def test_a_voter_reads_as_in_apache_kafka() -> None:
    assert str(Voter(7, DIRECTORY)) == "ReplicaKey(id=7, directoryId=AAECAwQFBgcICQoLDA0ODw)"


async def test_who_may_be_named(tmp_path: Path) -> None:
    async with open_broker(BrokerConfig.of({"node.id": "1"}), tmp_path) as broker:
        voter = await only_voter(broker)
        assert voter.node_id == 1
        for cluster_id in (None, broker.cluster_id):
            check_voter(broker, cluster_id, voter, "Add")
        for cluster_id, wrong, error in (
            ("other", voter, ErrorCode.INCONSISTENT_CLUSTER_ID),
            ("", voter, ErrorCode.INCONSISTENT_CLUSTER_ID),
            (None, Voter(-1, DIRECTORY), ErrorCode.INVALID_REQUEST),
            (None, Voter(1, bytes(16)), ErrorCode.INVALID_REQUEST),
        ):
            with pytest.raises(KafkaError) as refusal:
                check_voter(broker, cluster_id, wrong, "Add")
            assert refusal.value.code is error
