"""Log levels of the running process, as the resource BROKER_LOGGER (KIP-412).

Levels go by Kafka's names (log4j's); Python's logging has one less at either end.
"""

import logging

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

ROOT = "root"

_LEVELS = {
    "TRACE": logging.DEBUG,
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERROR": logging.ERROR,
    "FATAL": logging.CRITICAL,
}
_NAMES = {
    logging.DEBUG: "DEBUG",
    logging.INFO: "INFO",
    logging.WARNING: "WARN",
    logging.ERROR: "ERROR",
    logging.CRITICAL: "FATAL",
}


def levels() -> dict[str, str]:
    """The effective level of each of kbroker's loggers, and of the root."""
    names = sorted(name for name in logging.root.manager.loggerDict if name.split(".")[0] == "kbroker")
    return {ROOT: _level(ROOT)} | {name: _level(name) for name in names}


def check_level(name: str, level: str | None) -> None:
    """Check a change of a logger's level; None takes its own level away.

    Raises KafkaError: INVALID_CONFIG for an unknown logger or level, INVALID_REQUEST to take away the root's.
    """
    if name not in levels():
        raise KafkaError(ErrorCode.INVALID_CONFIG, f"Logger {name} does not exist!")
    if level is None and name == ROOT:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, f"Removing the log level of the {ROOT} logger is not allowed"
        )
    if level is not None and level not in _LEVELS:
        raise KafkaError(
            ErrorCode.INVALID_CONFIG,
            f"Cannot set the log level of {name} to {level} as it is not a supported log level. "
            f"Valid log levels are {', '.join(_LEVELS)}",
        )


def set_level(name: str, level: str | None) -> None:
    """Give a logger a level that `check_level` let pass."""
    logging.getLogger(None if name == ROOT else name).setLevel(
        logging.NOTSET if level is None else _LEVELS[level]
    )


def _level(name: str) -> str:
    level = logging.getLogger(None if name == ROOT else name).getEffectiveLevel()
    return _NAMES.get(level, logging.getLevelName(level))
