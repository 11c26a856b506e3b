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
        names = [self.construct_object(key, deep=deep) for key, _ in node.value]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise NotYaml(f"line {node.value[index][0].start_mark.line + 1}: {name!r} stands there twice")
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
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
        return yaml.load(data.decode("utf-8"), Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise NotYaml(" ".join(str(error).split())) from error


def write_yaml(value: Any) -> str:
    """Block style, members in the order given: equal values have equal text."""
    text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=False)
    return text
