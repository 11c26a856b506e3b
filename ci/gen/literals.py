"""Writes Python source for plain values, and reads the YAML registries. Knows no registry."""

import keyword
import re
from pathlib import Path
from typing import Any

import yaml

from ci.gen.tree import GenerationError


def registry(root: Path, name: str) -> Any:
    """The parsed registry `contracts/<name>`. Raises GenerationError if it is missing or no YAML."""
    try:
        return yaml.safe_load((root / "contracts" / name).read_text())
    except FileNotFoundError as error:
        raise GenerationError(f"contracts/{name} is missing. It is the source of a generated module.") from error
    except yaml.YAMLError as error:
        raise GenerationError(f"contracts/{name} is not YAML: {error}") from error


def text(value: str) -> str:
    """A string literal on one line, with white space collapsed."""
    collapsed = " ".join(value.split())
    return '"' + collapsed.replace("\\", "\\\\").replace('"', '\\"') + '"'


def literal(value: Any) -> str:
    """Source of a plain value: None, bool, number, text, or a tuple of them."""
    match value:
        case None | bool() | int() | float():
            return repr(value)
        case str():
            return text(value)
        case list() | tuple():
            cells = ", ".join(literal(item) for item in value)
            return f"({cells},)" if len(value) == 1 else f"({cells})"
        case _:
            raise GenerationError(f"a registry holds {value!r}; only text, numbers, truth values and lists are known.")


def member(code: str) -> str:
    """The enum member of a code: `TESTS.FAILED` becomes TESTS_FAILED."""
    name = re.sub(r"[^A-Z0-9]+", "_", code.upper()).strip("_")
    if not name.isidentifier() or keyword.iskeyword(name):
        raise GenerationError(f"the code {code!r} makes no Python name. Begin it with a letter.")
    return name
