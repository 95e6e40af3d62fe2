from types import ModuleType

import pytest
from bench.rows import ORDER, all_rows

ROWS = all_rows()


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_row_has_the_interface(row: ModuleType) -> None:
    assert row.TITLE
    assert row.__doc__
    assert isinstance(row.QUICK, bool)
    assert row.NEEDS in {"", "raw", "librdkafka"}
    assert callable(row.measure)
    keys = [figure.key for figure in row.FIGURES]
    assert keys
    assert len(keys) == len(set(keys))


def test_the_rows_that_matter_most_come_first() -> None:
    assert tuple(ROWS)[: len(ORDER)] == ORDER
