"""The command line's client, against a real broker and against things that aren't one."""

import socket
import threading

import pytest

from kbroker.cli.addresses import parse_addresses
from kbroker.cli.client import Client, ClientError
from kbroker.protocol.describe_cluster import DescribeClusterRequest
from kbroker.protocol.metadata import MetadataRequest
from kbroker.protocol.share_fetch import ShareFetchRequest


def test_asks_in_the_newest_common_version(bootstrap: str) -> None:
    with Client.connect(parse_addresses(bootstrap), 5) as client:
        assert client.versions[3] == (0, 13)
        metadata = client.request(MetadataRequest(topics=[]))
        cluster = client.request(DescribeClusterRequest())
        assert metadata.cluster_id == cluster.cluster_id
        assert f"{cluster.brokers[0].host}:{cluster.brokers[0].port}" == bootstrap


def test_what_the_broker_does_not_serve(bootstrap: str) -> None:
    with (
        Client.connect(parse_addresses(bootstrap), 5) as client,
        pytest.raises(ClientError, match="ShareFetch"),
    ):
        client.request(ShareFetchRequest())


def test_takes_the_first_broker_that_answers(bootstrap: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = closed.getsockname()
    with Client.connect([dead, *parse_addresses(bootstrap)], 5) as client:
        assert client.name == bootstrap


def test_nobody_there() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = closed.getsockname()
    with pytest.raises(ClientError, match=r"can.t connect to 127\.0\.0\.1"):
        Client.connect([address], 5)


def test_a_server_that_hangs_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            connection, _ = server.accept()
            connection.recv(1000)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(ClientError, match="closed the connection"):
            Client.connect([server.getsockname()], 5)
        thread.join()


def test_a_server_that_says_nothing() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        pytest.raises(ClientError, match=r"no answer from 127\.0\.0\.1"),
    ):
        Client.connect([server.getsockname()], 0.05)
