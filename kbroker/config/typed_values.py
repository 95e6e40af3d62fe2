"""Access to settings by type."""

import builtins

from kbroker.config.types import Value


class TypedValues:
    """Parsed values by name. A KeyError or TypeError is a mistake in the program: a wrong name or type."""

    def __init__(self, values: builtins.dict[builtins.str, Value | None]) -> None:
        self._values = values

    def int(self, name: builtins.str) -> builtins.int:
        """The value of a number that always has one."""
        value = self._values[name]
        if not isinstance(value, builtins.int):
            raise TypeError(f"{name} is {value!r}")
        return value

    def optional_int(self, name: builtins.str) -> builtins.int | None:
        """The value of a number that may be unset."""
        return None if self._values[name] is None else self.int(name)

    def float(self, name: builtins.str) -> builtins.float:
        """The value of a number with a fraction."""
        value = self._values[name]
        if not isinstance(value, builtins.float):
            raise TypeError(f"{name} is {value!r}")
        return value

    def bool(self, name: builtins.str) -> builtins.bool:
        """The value of a switch."""
        value = self._values[name]
        if not isinstance(value, builtins.bool):
            raise TypeError(f"{name} is {value!r}")
        return value

    def str(self, name: builtins.str) -> builtins.str:
        """The value of a text that always has one."""
        value = self._values[name]
        if not isinstance(value, builtins.str):
            raise TypeError(f"{name} is {value!r}")
        return value

    def optional_str(self, name: builtins.str) -> builtins.str | None:
        """The value of a text that may be unset."""
        return None if self._values[name] is None else self.str(name)

    def list(self, name: builtins.str) -> builtins.list[builtins.str]:
        """The items of a list, or of a text of items separated by commas; empty when unset."""
        value = self._values[name]
        if isinstance(value, builtins.str):
            return [item for part in value.split(",") if (item := part.strip())]
        if value is None:
            return []
        if not isinstance(value, tuple):
            raise TypeError(f"{name} is {value!r}")
        return [*value]
