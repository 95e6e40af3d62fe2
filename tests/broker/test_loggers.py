import logging
from collections.abc import Iterator

import pytest

from kbroker.broker import loggers
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

NAME = "kbroker.test_loggers"


@pytest.fixture(autouse=True)
def logger() -> Iterator[logging.Logger]:
    """A logger of kbroker's; its level and the root's are put back."""
    logger, root = logging.getLogger(NAME), logging.getLogger()
    before = root.level
    yield logger
    logger.setLevel(logging.NOTSET)
    root.setLevel(before)


def test_levels_have_kafkas_names(logger: logging.Logger) -> None:
    logger.setLevel(logging.WARNING)
    logging.getLogger().setLevel(logging.CRITICAL)
    levels = loggers.levels()
    assert levels[NAME] == "WARN"
    assert levels["root"] == "FATAL"


def test_only_kbrokers_loggers_are_shown() -> None:
    assert all(name == "root" or name.startswith("kbroker") for name in loggers.levels())


@pytest.mark.parametrize(("name", "level"), [("TRACE", logging.DEBUG), ("ERROR", logging.ERROR)])
def test_a_level_is_set_and_taken_away(logger: logging.Logger, name: str, level: int) -> None:
    loggers.set_level(NAME, name)
    assert logger.level == level
    loggers.set_level(NAME, None)
    assert logger.level == logging.NOTSET


def test_the_roots_level_is_set() -> None:
    loggers.set_level("root", "INFO")
    assert logging.getLogger().level == logging.INFO


@pytest.mark.parametrize(
    ("name", "level", "code"),
    [
        ("nope", "INFO", ErrorCode.INVALID_CONFIG),
        (NAME, "LOUD", ErrorCode.INVALID_CONFIG),
        ("root", None, ErrorCode.INVALID_REQUEST),
    ],
)
def test_bad_changes(name: str, level: str | None, code: ErrorCode) -> None:
    with pytest.raises(KafkaError) as caught:
        loggers.check_level(name, level)
    assert caught.value.code == code
