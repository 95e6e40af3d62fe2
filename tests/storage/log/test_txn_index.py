from kbroker.storage.log.txn_index import AbortedEntry, parse, serialize

ENTRIES = [AbortedEntry(2, 49, 52, 46), AbortedEntry(1, 54, 56, 57)]


def test_file_is_versioned_big_endian_entries() -> None:
    data = serialize(ENTRIES)
    assert (
        data[:34].hex()
        == "0000" + "0000000000000002" + "0000000000000031" + "0000000000000034" + "000000000000002e"
    )
    assert parse(data) == ENTRIES


def test_torn_entry_and_what_follows_an_unknown_version_are_left_out() -> None:
    data = serialize(ENTRIES)
    assert parse(data[:-1]) == ENTRIES[:1]
    assert parse(data[:34] + b"\0\1" + data[36:]) == ENTRIES[:1]
    assert parse(b"") == []
