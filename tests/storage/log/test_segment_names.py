"""kbroker/storage/log/segment_names.py"""

from kbroker.storage.log.segment_names import file_name


def test_names_sort_as_offsets_do() -> None:
    assert file_name(2**31, ".log") == "00000000002147483648.log"
    assert sorted(file_name(offset, ".log") for offset in (10, 9, 2**63 - 1)) == [
        "00000000000000000009.log",
        "00000000000000000010.log",
        "09223372036854775807.log",
    ]
