"""Compiles the writer of one message version: neighbouring fixed-width fields share one pack.

A generated function takes (append, instance) and appends byte chunks. Fields a version lacks are dropped
silently.
"""

import struct
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from kbroker.protocol.errors import TextTooLongError
from kbroker.protocol.fields import ArrayOf, FieldSpec, Kind, field_specs, message_spec
from kbroker.protocol.generated import GeneratedFunction, indented
from kbroker.protocol.wire import FIXED, MAX_STRING, Buffer, uvarint

Append = Callable[[Buffer], None]
StructWriter = Callable[[Append, Any], None]

# Chunks from this size on go to the socket as they are; smaller ones are cheaper to copy.
_OWN_CHUNK = 1024


def message_writer(cls: type, version: int) -> Callable[[Any], list[Buffer]]:
    """Compile the writer of a message: from an instance to chunks that together are its bytes.

    Raises ValueError for what the version cannot express: a number out of range, null where it is not
    allowed, and TextTooLongError, which is one. Halves of UTF-16's pairs become question marks, as in Java.
    """
    spec = message_spec(cls)
    if version not in spec.versions:
        raise ValueError(f"{cls.__name__} has no version {version}")
    write_body = struct_writer(cls, version, flexible=version in spec.flexible)

    def write(instance: Any) -> list[Buffer]:
        parts: list[Buffer] = []
        try:
            write_body(parts.append, instance)
        except TextTooLongError:
            raise
        except (struct.error, AttributeError, TypeError, ValueError) as error:
            raise ValueError(f"{cls.__name__} version {version} cannot be written: {error}") from error
        return gather(parts)

    return write


def gather(parts: list[Buffer]) -> list[Buffer]:
    """Join small neighbours; leave big chunks (records) uncopied."""
    if max(map(len, parts), default=0) < _OWN_CHUNK:
        return [b"".join(parts)]
    chunks: list[Buffer] = []
    small: list[Buffer] = []
    for part in parts:
        if len(part) < _OWN_CHUNK:
            small.append(part)
            continue
        if small:
            chunks.append(b"".join(small))
            small = []
        chunks.append(part)
    if small:
        chunks.append(b"".join(small))
    return chunks


@cache
def struct_writer(cls: type, version: int, *, flexible: bool) -> StructWriter:
    """Compile the writer of one struct, and of those within it, for a version of the message around it."""
    return _StructWriterSource(cls, version, flexible).compile()


@cache
def _value_writer(kind: Kind, version: int, *, nullable: bool) -> StructWriter:
    """Compile the writer of a single value: what a tagged field holds."""
    source = _Source(version, flexible=True)
    source.value("_o", kind, nullable=nullable)
    return source.finish("write_value", f"write {kind} tagged v{version}")


def _refuse(what: str) -> NoReturn:
    raise ValueError(what)


def _too_long(size: int) -> NoReturn:
    raise TextTooLongError(f"a string of {size} bytes, {MAX_STRING} are the most")


def _write_tags(append: Append, tagged: list[tuple[int, Any, StructWriter]]) -> None:
    append(uvarint(len(tagged)))
    for tag, value, write in tagged:
        parts: list[Buffer] = []
        write(parts.append, value)
        body = b"".join(parts)
        append(uvarint(tag) + uvarint(len(body)) + body)


class _Source(GeneratedFunction):
    """Lines of a generated function, and the run of fixed-width values not yet packed."""

    def __init__(self, version: int, flexible: bool) -> None:
        super().__init__(version, flexible, {"_bad": _refuse, "_too_long": _too_long, "_uvarint": uvarint})
        self._values: list[str] = []
        self._format = ""

    def fixed(self, value: str, code: str) -> None:
        self._values.append(value)
        self._format += code

    def flush(self) -> None:
        """Pack the run so far."""
        if not self._values:
            return
        pack = self.bind("pack", struct.Struct(">" + self._format).pack)
        self.emit(f"_a({pack}({', '.join(self._values)}))")
        self._values, self._format = [], ""

    def length(self, value: str, code: str) -> None:
        if self.flexible:
            self.flush()
            self.emit("_a(b'\\x00')" if value == "-1" else f"_a(_uvarint({value} + 1))")
        else:
            self.fixed(value, code)
            self.flush()

    def value(self, source: str, kind: Kind, *, nullable: bool) -> None:
        """Write the value of an expression, then everything before it is packed too."""
        if isinstance(kind, str) and kind in FIXED:
            self._fixed_value(source, kind)
            self.flush()
        elif isinstance(kind, str):
            self._nullable(source, nullable, self._blob, kind, "h" if kind == "string" else "i")
        elif isinstance(kind, ArrayOf):
            self._nullable(source, nullable, self._array, kind.item, "i")
        elif nullable:
            self._nullable_struct(source, kind)
        else:
            self.flush()
            self._struct(source, kind)

    def _fixed_value(self, source: str, kind: str) -> None:
        if kind == "uuid":  # pack would pad or cut it without a word
            self.emit(f"if len({source}) != 16: _bad(f'a uuid of {{len({source})}} bytes')")
        self.fixed(source, FIXED[kind][0])

    def _nullable(
        self, source: str, nullable: bool, body: Callable[[Any, str], None], kind: Any, code: str
    ) -> None:
        """Write a value that has a length, or null in its place; the run before goes into the same pack."""
        values, form = list(self._values), self._format
        if not nullable:
            self.emit(f"_v = {source}")
            body(kind, code)
            return
        outer, self.lines = self.lines, []
        body(kind, code)
        present, self.lines = self.lines, []
        self._values, self._format = values, form
        self.length("-1", code)
        absent, self.lines = self.lines, outer
        self.emit(f"_v = {source}", "if _v is None:", *indented(absent), "else:", *indented(present))

    def _blob(self, kind: str, code: str) -> None:
        if kind == "string":
            self.emit("_v = _v.encode('utf-8', 'replace')")
        self.emit("_n = len(_v)")
        if kind == "string":
            self.emit(f"if _n > {MAX_STRING}: _too_long(_n)")
        self.length("_n", code)
        self.emit("_a(_v)")

    def _array(self, item: Kind, code: str) -> None:
        if isinstance(item, str) and item in FIXED and item != "uuid":
            self.emit("_n = len(_v)")
            self.length("_n", code)
            pack = self.bind("pack", struct.pack)
            self.emit(f"_a({pack}(f'>{{_n}}{FIXED[item][0]}', *_v))")
            return
        self.length("len(_v)", code)
        self.emit("for _i in _v:")
        body = _Source(self.version, self.flexible)
        body.names = self.names
        body.value("_i", item, nullable=False)
        self.emit(*indented(body.lines))

    def _struct(self, source: str, kind: type) -> None:
        write = self.bind("write", struct_writer(kind, self.version, flexible=self.flexible))
        self.emit(f"{write}(_a, {source})")

    def _nullable_struct(self, source: str, kind: type) -> None:
        self.flush()
        self.emit(f"if {source} is None:", "    _a(b'\\xff')", "else:", "    _a(b'\\x01')")
        outer, self.lines = self.lines, []
        self._struct(source, kind)
        inner, self.lines = self.lines, outer
        self.emit(*indented(inner))

    def finish(self, name: str, label: str) -> StructWriter:
        return self.define(name, "_a, _o", label)


class _StructWriterSource(_Source):
    def __init__(self, cls: type, version: int, flexible: bool) -> None:
        super().__init__(version, flexible)
        self.cls = cls

    def compile(self) -> StructWriter:
        tagged: list[tuple[str, FieldSpec]] = []
        for name, spec in field_specs(self.cls).items():
            if self.version not in spec.versions:
                continue
            if spec.tag is not None:
                tagged.append((f"_o.{name}", spec))
            elif isinstance(spec.kind, str) and spec.kind in FIXED:
                self._fixed_value(f"_o.{name}", spec.kind)
            else:
                self.value(f"_o.{name}", spec.kind, nullable=self.version in spec.nullable)
        self.flush()
        if self.flexible:
            self._tags(sorted(tagged, key=lambda item: item[1].tag or 0))
        return self.finish(
            f"write_{self.cls.__name__}", f"write {self.cls.__module__}.{self.cls.__name__} v{self.version}"
        )

    def _tags(self, tagged: list[tuple[str, FieldSpec]]) -> None:
        if not tagged:
            self.emit("_a(b'\\x00')")
            return
        self.emit("_t = []")
        for source, spec in tagged:
            default = self.bind("default", spec.default)
            write = self.bind(
                "write", _value_writer(spec.kind, self.version, nullable=self.version in spec.nullable)
            )
            # Identity first: a default is mostly the shared one, and comparing structs costs more than
            # writing them.
            self.emit(f"if {source} is not {default} and {source} != {default}:")
            self.emit(f"    _t.append(({spec.tag}, {source}, {write}))")
        self.emit(
            "if _t:", f"    {self.bind('write_tags', _write_tags)}(_a, _t)", "else:", "    _a(b'\\x00')"
        )
