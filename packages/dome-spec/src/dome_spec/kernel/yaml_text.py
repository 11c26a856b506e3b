"""YAML as text: the registers that people keep by hand. The one home of the YAML library in this plane."""

from typing import Any, Final

import yaml

BYTES_MAX: Final = 4 * 1024 * 1024
"""Largest document that is read."""
_WIDTH: Final = 120
_TIMESTAMP: Final = "tag:yaml.org,2002:timestamp"


class NotYaml(Exception):
    """The bytes are no YAML that is accepted here. The message says what and where."""


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Plain values only, and no name twice in a mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - the library's signature
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            seen = set[Any]()
            for key, _ in node.value:
                name = self.construct_object(key, deep=deep)
                if name in seen:
                    raise NotYaml(f"line {key.start_mark.line + 1}: {name!r} stands there twice")
                seen.add(name)
        return mapping


# A moment is text here, as in JSON.
_Loader.yaml_implicit_resolvers = {
    character: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for character, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def read_yaml(data: bytes) -> Any:
    """The value. Raises NotYaml."""
    if len(data) > BYTES_MAX:
        raise NotYaml(f"{len(data)} bytes, at most {BYTES_MAX} are read")
    try:
        value = yaml.load(data.decode("utf-8"), Loader=_Loader)
    except _UNREADABLE as error:
        raise NotYaml(_told(error)) from error
    _refuse_more(value, len(data) + 1)
    return value


def _told(error: Exception) -> str:
    """The error as a sentence, without the name that the library gives to a stream that has none."""
    return " ".join(str(error).replace('in "<unicode string>", line', "at line").split()) or type(error).__name__


# Beside its own errors the library lets those of `int`, `float` and the like pass, for a scalar with a wrong tag.
_UNREADABLE: Final = (yaml.YAMLError, ArithmeticError, AttributeError, LookupError, RecursionError, ValueError)


def _refuse_more(value: Any, values_max: int) -> None:
    """Refuse what says more values than it has bytes: aliases of aliases would never come to an end."""
    waiting, count = [value], 0
    while waiting:
        count += 1
        if count > values_max:
            raise NotYaml("its aliases say more than the document has bytes: write it out")
        match waiting.pop():
            case dict() as fields:
                waiting.extend(fields.values())
            case list() as items:
                waiting.extend(items)
            case _:
                pass


def write_yaml(value: Any) -> str:
    """Block style, members in the order given: equal values have equal text."""
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=False)
    return text
