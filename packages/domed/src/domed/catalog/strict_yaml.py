"""YAML text as JSON values: one document, no anchors, no tags, no duplicate keys, bounded depth.

Words are read as YAML 1.2 reads them: `no` and `2024-01-01` are text, only `true` and `false` are truth values.
Knows no schema.
"""

import math
import re
from typing import Any, Final

import yaml

DEPTH_MAX: Final = 32
# The parser in C, where the wheel has it: an order of magnitude faster, and a thousand manifests are read at start.
_BASE: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotStrictYaml(ValueError):
    """The text is no YAML, or holds what JSON does not."""


class _Loader(_BASE):  # type: ignore[misc]
    """Reads plain words by the JSON rules."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the library declares it so


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)$"),
    list("-0123456789"),
)


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise NotStrictYaml(f"the key {key_node.value!r} in line {line} is not text; put it in quotes")
        if key in found:
            raise NotStrictYaml(f"the key {key!r} in line {line} stands twice")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _float(loader: Any, node: yaml.ScalarNode) -> float:
    # By JSON's reading: the library knows `1e3` only with a point and a sign.
    value = float(node.value)
    if not math.isfinite(value):
        raise NotStrictYaml(f"the number {node.value} in line {node.start_mark.line + 1} is too large")
    return value


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)


def parse(text: bytes) -> Any:
    """The value of one YAML document in UTF-8. Raises NotStrictYaml."""
    try:
        decoded = text.decode("utf-8")
        _check_events(decoded)
        return yaml.load(decoded, Loader=_Loader)
    except UnicodeDecodeError as error:
        raise NotStrictYaml(f"it is not UTF-8 (byte {error.start})") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise NotStrictYaml(f"{error.problem or error.context}{place}") from None
    except yaml.YAMLError as error:
        raise NotStrictYaml(" ".join(str(error).split())) from None
    except ValueError as error:
        raise NotStrictYaml(str(error)) from None


def _check_events(text: str) -> None:
    """Refuse, before anything is built, what would build too much: the C loader follows depth without a limit."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_BASE):
        line = event.start_mark.line + 1 if event.start_mark else 0
        match event:
            case yaml.DocumentStartEvent():
                documents += 1
            case yaml.AliasEvent():
                raise NotStrictYaml(f"line {line} has an alias; write the value out")
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                depth += 1
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                depth -= 1
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            raise NotStrictYaml(f"line {line} has an anchor or a tag; write the plain value")
        if depth > DEPTH_MAX:
            raise NotStrictYaml(f"it is nested more than {DEPTH_MAX} deep")
        if documents > 1:
            raise NotStrictYaml("it holds more than one document")
