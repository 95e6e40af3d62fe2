"""Writes a process's part of a history. Knows nothing but the standard library: clients' interpreters run it."""

import json
import threading
import time
from pathlib import Path
from typing import Any


class Operation:
    """One that has begun, to be ended once: `ok`, `fail` (it surely had no effect) or `unknown`."""

    __slots__ = ("_kind", "_number", "_process", "_recorder")

    def __init__(self, recorder: "Recorder", process: str, number: int, kind: str) -> None:
        self._recorder, self._process, self._number, self._kind = recorder, process, number, kind

    def ok(self, **data: Any) -> None:
        """It was done."""
        self._recorder.write(self._process, self._number, "ok", self._kind, data)

    def fail(self, **data: Any) -> None:
        """It was refused."""
        self._recorder.write(self._process, self._number, "fail", self._kind, data)

    def unknown(self, **data: Any) -> None:
        """There was no answer: it may have been done, or be done yet."""
        self._recorder.write(self._process, self._number, "unknown", self._kind, data)


class Recorder:
    """Appends events to a file, a JSON object a line, in the order of their times (`time.monotonic_ns`)."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", buffering=1 << 16)
        self._lock = threading.Lock()
        self._operations = 0
        self.counted = 0

    def invoke(self, process: str, kind: str, **data: Any) -> Operation:
        """Begin an operation: call it before anything is sent. `data` is what it is about."""
        with self._lock:
            self._operations += 1
            number = self._operations
            self._write(process, number, "invoke", kind, data)
        return Operation(self, process, number, kind)

    def info(self, process: str, kind: str, **data: Any) -> None:
        """Note a fact that is no operation."""
        with self._lock:
            self._write(process, 0, "info", kind, data)

    def write(self, process: str, number: int, how: str, kind: str, data: dict[str, Any]) -> None:
        """End an operation."""
        with self._lock:
            if how == "ok":
                self.counted += size_of(kind, data)
            self._write(process, number, how, kind, data)

    def _write(self, process: str, number: int, how: str, kind: str, data: dict[str, Any]) -> None:
        event = {
            "at": time.monotonic_ns(),
            "process": process,
            "operation": number,
            "type": how,
            "kind": kind,
        }
        self._file.write(json.dumps(event | data, separators=(",", ":")) + "\n")

    def flush(self) -> None:
        """Hand to the system what was written."""
        with self._lock:
            self._file.flush()

    def close(self) -> None:
        """Write the rest, and close the file."""
        with self._lock:
            self._file.close()


def size_of(kind: str, data: dict[str, Any]) -> int:
    """How many operations a completed one counts for: each record that was appended or read is one."""
    if kind == "append":
        return int(data["count"])
    if kind == "read":
        return sum(run[3] for run in data["runs"])
    return 1
