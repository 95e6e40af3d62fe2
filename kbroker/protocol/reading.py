"""Compiles the reader of one message version: neighbouring fixed-width fields share one unpack.

A generated function takes (buffer, position, end) and returns the instance and the position after it. Running
off the end shows as struct.error or IndexError; both, like bad UTF-8, become ProtocolError in
`message_reader`.
"""

import struct
from collections.abc import Callable
from functools import cache
from typing import Any

from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.fields import ArrayOf, FieldSpec, Kind, field_specs, message_spec
from kbroker.protocol.generated import GeneratedFunction
from kbroker.protocol.wire import (
    FIXED,
    MAX_STRING,
    Buffer,
    malformed,
    read_tags,
    read_uvarint,
)

StructReader = Callable[[Buffer, int, int], tuple[Any, int]]


def message_reader(cls: type, version: int) -> Callable[..., Any]:
    """Compile the reader of a message: `read(buffer, position=0)`, raising ProtocolError and nothing else.

    Bytes after the message are ignored, and those of a string that are not UTF-8 replaced, as in Apache Kafka.
    """
    spec = message_spec(cls)
    if version not in spec.versions:
        raise ValueError(f"{cls.__name__} has no version {version}")
    read_body = struct_reader(cls, version, flexible=version in spec.flexible)

    def read(buffer: Buffer, position: int = 0) -> Any:
        try:
            return read_body(buffer, position, len(buffer))[0]
        except (struct.error, IndexError):
            raise ProtocolError(f"{cls.__name__} version {version} ends early") from None
        except ProtocolError as error:
            raise ProtocolError(f"{cls.__name__} version {version}: {error}") from None

    return read


@cache
def struct_reader(cls: type, version: int, *, flexible: bool) -> StructReader:
    """Compile the reader of one struct, and of those within it, for a version of the message around it."""
    return _StructReaderSource(cls, version, flexible).compile()


@cache
def _value_reader(kind: Kind, version: int, *, nullable: bool) -> StructReader:
    """Compile the reader of a single value: what a tagged field holds."""
    source = _Source(version, flexible=True)
    source.value("value", kind, nullable=nullable)
    source.flush()
    return source.finish("read_value", f"read {kind} tagged v{version}", "value")


def min_size(cls: type, version: int, flexible: bool) -> int:
    """Fewest bytes a struct takes in a version: what an array's count is checked against."""
    size = sum(
        _min_value_size(f.kind, version, flexible, nullable=version in f.nullable)
        for f in field_specs(cls).values()
        if version in f.versions and f.tag is None
    )
    return size + flexible


def _min_value_size(kind: Kind, version: int, flexible: bool, *, nullable: bool = False) -> int:
    if isinstance(kind, str):
        if kind in FIXED:
            return FIXED[kind][1]
        if flexible:
            return 1
        return 2 if kind == "string" else 4
    if isinstance(kind, ArrayOf):
        return 1 if flexible else 4
    return 1 if nullable else min_size(kind, version, flexible)


class _Source(GeneratedFunction):
    """Lines of a generated function, and the run of fixed-width values not yet unpacked."""

    def __init__(self, version: int, flexible: bool) -> None:
        super().__init__(version, flexible, {"_bad": malformed, "_uvarint": read_uvarint})
        self._targets: list[str] = []
        self._format = ""

    def fixed(self, target: str, code: str) -> None:
        self._targets.append(target)
        self._format += code

    def flush(self) -> None:
        """Unpack the run so far."""
        if not self._targets:
            return
        packed = struct.Struct(">" + self._format)
        unpack = self.bind("unpack", packed.unpack_from)
        self.emit(f"{', '.join(self._targets)}, = {unpack}(_b, _p)", f"_p += {packed.size}")
        self._targets, self._format = [], ""

    def length(self, code: str) -> None:
        """Read a length into `_n`; null is -1 in either encoding."""
        if self.flexible:
            self.flush()
            self.emit(
                "_n = _b[_p]",
                "if _n < 128:",
                "    _p += 1",
                "else:",
                "    _n, _p = _uvarint(_b, _p)",
                "_n -= 1",
            )
        else:
            self.fixed("_n", code)
            self.flush()

    def value(self, target: str, kind: Kind, *, nullable: bool) -> None:
        """Read one value into a local variable."""
        if isinstance(kind, ArrayOf):
            self.length("i")
            self._array(target, kind.item, nullable)
        elif isinstance(kind, type):
            self.flush()
            self._struct(target, kind, nullable)
        elif kind in FIXED:
            self.fixed(target, FIXED[kind][0])
        else:
            self.length("h" if kind == "string" else "i")
            self._blob(target, kind, nullable)

    def _blob(self, target: str, kind: str, nullable: bool) -> None:
        convert = {
            "string": "str(_b[_p:_q], 'utf-8', 'replace')",
            "bytes": "bytes(_b[_p:_q])",
            "records": "_b[_p:_q]",
        }[kind]
        too_long = f" or _n > {MAX_STRING}" if kind == "string" and self.flexible else ""
        self.emit(
            "if _n >= 0:",
            "    _q = _p + _n",
            f"    if _q > _e{too_long}:",
            f"        _bad(f'{target} of {{_n}} bytes where {{_e - _p}} are left')",
            f"    {target} = {convert}",
            "    _p = _q",
            *self._null(target, nullable),
        )

    def _null(self, target: str, nullable: bool) -> list[str]:
        if nullable:
            return [
                "elif _n == -1:",
                f"    {target} = None",
                "else:",
                f"    _bad(f'{target} of length {{_n}}')",
            ]
        return ["else:", f"    _bad(f'{target} of length {{_n}}')"]

    def _array(self, target: str, item: Kind, nullable: bool) -> None:
        smallest = max(1, _min_value_size(item, self.version, self.flexible))
        self.emit(
            "if _n >= 0:",
            f"    if _n * {smallest} > _e - _p:",
            f"        _bad(f'{target} of {{_n}} items where {{_e - _p}} bytes are left')",
        )
        if isinstance(item, str) and item in FIXED and item != "uuid":
            unpack = self.bind("unpack", struct.unpack_from)
            code, size = FIXED[item]
            self.emit(f"    {target} = [*{unpack}(f'>{{_n}}{code}', _b, _p)]", f"    _p += _n * {size}")
        else:
            self.emit(f"    {target} = []", "    for _ in range(_n):")
            body = _Source(self.version, self.flexible)
            body.names = self.names
            body.value("_item", item, nullable=False)
            body.flush()
            self.emit(*("        " + line for line in body.lines), f"        {target}.append(_item)")
        self.emit(*self._null(target, nullable))

    def _struct(self, target: str, kind: type, nullable: bool) -> None:
        read = self.bind("read", struct_reader(kind, self.version, flexible=self.flexible))
        if nullable:
            self.emit(
                "if _b[_p] < 128:",
                f"    {target}, _p = {read}(_b, _p + 1, _e)",
                "else:",
                f"    {target} = None",
                "    _p += 1",
            )
        else:
            self.emit(f"{target}, _p = {read}(_b, _p, _e)")

    def finish(self, name: str, label: str, result: str) -> StructReader:
        self.emit(f"return {result}, _p")
        return self.define(name, "_b, _p, _e", label)


class _StructReaderSource(_Source):
    def __init__(self, cls: type, version: int, flexible: bool) -> None:
        super().__init__(version, flexible)
        self.cls = cls

    def compile(self) -> StructReader:
        arguments: list[str] = []
        tagged: dict[int, tuple[str, FieldSpec]] = {}
        for name, spec in field_specs(self.cls).items():
            if self.version not in spec.versions:
                arguments.append(self._constant(spec))
                continue
            arguments.append(name)
            if spec.tag is None:
                self.value(name, spec.kind, nullable=self.version in spec.nullable)
            else:
                tagged[spec.tag] = (name, spec)
        self.flush()
        if self.flexible:
            self._tags(tagged)
        make = self.bind("make", self.cls)
        label = f"read {self.cls.__module__}.{self.cls.__name__} v{self.version}"
        return self.finish(f"read_{self.cls.__name__}", label, f"{make}({', '.join(arguments)})")

    def _tags(self, tagged: dict[int, tuple[str, FieldSpec]]) -> None:
        known = {
            tag: _value_reader(spec.kind, self.version, nullable=self.version in spec.nullable)
            for tag, (_, spec) in tagged.items()
        }
        read = self.bind("read_tags", read_tags)
        self.emit(*(f"{name} = {self._constant(spec)}" for name, spec in tagged.values()))
        self.emit(
            "_n = _b[_p]",
            "if _n == 0:",
            "    _p += 1",
            "else:",
            "    _n, _p = _uvarint(_b, _p)",
            "    _t = {}",
        )
        self.emit(f"    _p = {read}(_b, _p, _e, _n, {self.bind('known', known)}, _t)")
        self.emit(*(f"    {name} = _t.get({tag}, {name})" for tag, (name, _) in tagged.items()))

    def _constant(self, spec: FieldSpec) -> str:
        if isinstance(spec.default, bool | int | str | bytes | None):
            return repr(spec.default)
        return "[]" if isinstance(spec.default, list) else self.bind("default", spec.default)
