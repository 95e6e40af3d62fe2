"""What one of several directories does on its own; see `test_log_store` for the rest."""

from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.log.directory_logs import renamed

from .conftest import append, batch, now
from .several import Several


def test_names_that_are_no_partitions() -> None:
    name = Path(renamed("/data/t-7", "future")).name
    assert name.startswith("t-7.")
    assert name.endswith("-future")
    assert len(Path(renamed(f"/data/{'x' * 249}-7", "delete")).name) == 255


def test_a_topic_deleted_while_its_log_is_opened(tmp_path: Path) -> None:
    several = Several(tmp_path, 1)
    several.start()
    for _ in range(200):
        append(several.partition(), batch())
    several.kill()
    several.start()

    class Deleting:
        """Deletes the topic at the first pause."""

        async def pause(self) -> None:
            now(several.store.delete_topic("t", bytes(range(16)), 1))

        async def run_blocking(self, call: object) -> None:
            raise NotImplementedError

        async def throttle(self, size: int, bytes_per_second: float) -> None:
            raise NotImplementedError

    opening = several.store.partition("t", bytes(range(16)), 0, several.config, Deleting())  # type: ignore[arg-type]
    with pytest.raises(KafkaError) as caught:
        now(opening)
    assert caught.value.code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert list(several.store.opened()) == []
    assert several.partition().high_watermark == 0
    several.kill()
