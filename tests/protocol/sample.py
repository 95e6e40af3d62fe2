"""A message with everything that a schema may declare, and its bytes, field by field, in each version."""

# ruff: noqa: ISC001  bytes are written field by field

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class Item:
    name: str = field("string")
    sizes: list[int] = field(array_of("int32"), "1+")


@struct
class Extra:
    level: int = field("int8", default=-1)


@message(key=1000, versions="0-3", flexible="2+")
class Sample:
    flag: bool = field("bool")
    count: int = field("int32", "1+", default=7)
    note: str | None = field("string", nullable="1+", default=None)
    blob: bytes = field("bytes")
    ident: bytes = field("uuid", "1+")
    items: list[Item] | None = field(array_of(Item), nullable="1+")
    extra: Extra | None = field(Extra, "1+", nullable="1+", default=None)
    tagged: int = field("int64", "2+", tag=1, default=-1)
    tagged_text: str = field("string", "3+", tag=0)
    tagged_extra: Extra = field(Extra, "3+", tag=5)


FULL = Sample(
    flag=True, count=3, note="hi", blob=b"\x01\x02", ident=bytes(range(16)),
    items=[Item("a", [5, -1])], extra=Extra(9), tagged=4, tagged_text="t", tagged_extra=Extra(2),
)  # fmt: skip
IDENT = bytes(range(16))
GOLDEN = {
    0: b"\x01" b"\0\x02hi" b"\0\0\0\x02\x01\x02" b"\0\0\0\x01" b"\0\x01a",
    1: b"\x01" b"\0\0\0\x03" b"\0\x02hi" b"\0\0\0\x02\x01\x02" + IDENT
    + b"\0\0\0\x01" b"\0\x01a" b"\0\0\0\x02\0\0\0\x05\xff\xff\xff\xff" b"\x01\x09",
    2: b"\x01" b"\0\0\0\x03" b"\x03hi" b"\x03\x01\x02" + IDENT
    + b"\x02" b"\x02a" b"\x03\0\0\0\x05\xff\xff\xff\xff" b"\0" b"\x01\x09\0"
    b"\x01" b"\x01\x08\0\0\0\0\0\0\0\x04",
    3: b"\x01" b"\0\0\0\x03" b"\x03hi" b"\x03\x01\x02" + IDENT
    + b"\x02" b"\x02a" b"\x03\0\0\0\x05\xff\xff\xff\xff" b"\0" b"\x01\x09\0"
    b"\x03" b"\x00\x02\x02t" b"\x01\x08\0\0\0\0\0\0\0\x04" b"\x05\x02\x02\0",
}  # fmt: skip
