"""Request headers and response frames, byte by byte."""

import pytest

from kbroker.protocol.api_versions import ApiVersionsResponse
from kbroker.protocol.apis import APIS
from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.fetch import FetchableTopicResponse, FetchResponse, PartitionData
from kbroker.protocol.frames import RequestHeader, encode_response, parse_request_header
from kbroker.protocol.heartbeat import HeartbeatResponse
from kbroker.protocol.metadata import MetadataResponse, MetadataResponseBroker


@pytest.mark.parametrize(
    ("frame", "header"),
    [
        (b"\0\x0c\0\x03\0\0\0\x07\0\x02mebody", RequestHeader(12, 3, 7, "me", 12)),
        (b"\0\x0c\0\x03\0\0\0\x07\xff\xffbody", RequestHeader(12, 3, 7, None, 10)),
        (b"\0\x0c\0\x03\xff\xff\xff\xff\0\0body", RequestHeader(12, 3, -1, "", 10)),
        (b"\0\x0c\0\x04\0\0\0\x07\0\x02me\0body", RequestHeader(12, 4, 7, "me", 13)),
        (b"\0\x0c\0\x04\0\0\0\x07\0\x02me\x01\x05\x02zzbody", RequestHeader(12, 4, 7, "me", 17)),
        (b"\0\x12\0\x63\0\0\0\x07\0\x02me\0body", RequestHeader(18, 99, 7, "me", 13)),
        (b"\x03\xe7\0\x63\0\0\0\x07\0\x02mebody", RequestHeader(999, 99, 7, "me", 12)),
        (b"\0\x0c\xff\xff\0\0\0\x07\0\x02mebody", RequestHeader(12, -1, 7, "me", 12)),
    ],
    ids=[
        "v1",
        "null client id",
        "empty client id",
        "v2",
        "v2 with tags",
        "unknown version",
        "unknown key",
        "version -1",
    ],
)
def test_request_header(frame: bytes, header: RequestHeader) -> None:
    """Keys and versions that nobody knows have a header too, so that a refusal can name them."""
    assert parse_request_header(memoryview(frame)) == header


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\0\x0c\0\x03\0\0\0\x07\0",
        b"\0\x0c\0\x03\0\0\0\x07\0\x03me",
        b"\0\x0c\0\x04\0\0\0\x07\0\x02me",
        b"\0\x0c\0\x04\0\0\0\x07\0\x02me\x01\x05\x20zz",
        b"\0\x0c\0\x04\0\0\0\x07\0\x02me\x81\x80\x80\x80\x80\x80",
    ],
)
def test_malformed_header(frame: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_request_header(frame)


def test_response_of_a_version_without_tags() -> None:
    chunks = encode_response(APIS[12], 1, 7, HeartbeatResponse(0, 27))
    assert chunks == [b"\0\0\0\x0a\0\0\0\x07\0\0\0\0\0\x1b"]


def test_response_header_of_a_flexible_version_has_tags() -> None:
    chunks = encode_response(APIS[12], 4, 7, HeartbeatResponse(0, 27))
    assert chunks == [b"\0\0\0\x0c\0\0\0\x07\0\0\0\0\0\0\x1b\0"]


def test_api_versions_has_no_tags_in_its_response_header() -> None:
    """Clients read it before they know what the broker speaks (KIP-511)."""
    chunks = encode_response(APIS[18], 3, 7, ApiVersionsResponse())
    assert chunks == [b"\0\0\0\x0c\0\0\0\x07\0\0\x01\0\0\0\0\0"]


def test_records_are_passed_on_uncopied() -> None:
    records = memoryview(bytes(100_000))
    response = FetchResponse(
        responses=[FetchableTopicResponse("t", partitions=[PartitionData(records=records)])]
    )
    chunks = encode_response(APIS[1], 11, 7, response)
    assert chunks[1] is records
    assert int.from_bytes(chunks[0][:4], "big") == sum(map(len, chunks)) - 4


def test_a_big_body_of_small_parts_is_not_copied_for_its_header() -> None:
    brokers = [MetadataResponseBroker(node, "host", 9092) for node in range(500)]
    chunks = encode_response(APIS[3], 0, 7, MetadataResponse(brokers=brokers))
    assert [len(chunk) for chunk in chunks] == [8, 4 + 500 * 14 + 4]


def test_what_is_odd_about_a_client_id_is_overlooked() -> None:
    """As in Apache Kafka: bytes that are no UTF-8 are replaced, any negative length is null."""
    header = parse_request_header(b"\0\3\0\1\0\0\0\7" + b"\0\2\xc3\x28")
    assert (header.client_id, header.body) == ("\ufffd(", 12)
    assert parse_request_header(b"\0\3\0\1\0\0\0\7" + b"\xff\xfe").client_id is None
