"""Messages that were read without the stubs: attributes as in the contract, nothing to call and nothing to change."""

from collections.abc import Iterator
from typing import Any, Final, Self

from dome_contracts.wire_table import ENUMS, MESSAGES, Field

_DEFAULTS: Final[dict[str, Any]] = {
    "bool": False,
    "bytes": b"",
    "duration": None,
    "int32": 0,
    "int64": 0,
    "message": None,
    "string": "",
    "timestamp": None,
    "uint32": 0,
    "uint64": 0,
}


class EnumNumber(int):
    """The number of an enum's value, with the names that the stubs' members have. Empty names: it is not known here."""

    name: str
    """Without the prefix of the enum."""
    proto_name: str
    """As in the contract."""

    @classmethod
    def of(cls, enum: str, number: int) -> Self:
        """The value of an enum with this number."""
        made = cls(number)
        made.name, made.proto_name = ENUMS[enum].get(number, ("", ""))
        return made

    @property
    def value(self) -> int:
        """The number."""
        return int(self)


class View:
    """A message as it came. What was not sent has the default of its field."""

    def __init__(self, message: str, values: dict[str, Any]) -> None:
        self._message = message
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        for field in MESSAGES[self._message]:
            if field[1] == name:
                default = self.__dict__[name] = _default(field)
                return default
        raise AttributeError(f"{self._message} has no field {name!r}")

    def fields(self) -> Iterator[tuple[str, Any]]:
        """Name and value of each field that says something, in the order of the contract."""
        for field in MESSAGES[self._message]:
            _, name, kind, often, _ = field
            if name in self.__dict__:
                value = self.__dict__[name]
                if (
                    value
                    if often in ("repeated", "map")
                    else value is not None
                    and (often == "optional" or kind in ("message", "timestamp", "duration") or value)
                ):
                    yield name, value


def _default(field: Field) -> Any:
    _, _, kind, often, holds = field
    match often:
        case "repeated":
            return []
        case "map":
            return {}
        case "optional":
            return None
    return EnumNumber.of(holds, 0) if kind == "enum" else _DEFAULTS[kind]
