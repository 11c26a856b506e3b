"""What our protos declare: services, messages and enums, by their full names. Judges nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PROTOS: Final = "contracts/proto/dome"
PACKAGE: Final = re.compile(r"^package\s+([\w.]+)\s*;", re.MULTILINE)
# At the top level, and nested: a message inside another has a row of its own too.
DECLARATION: Final = re.compile(r"^(?P<indent>[ \t]*)(?P<kind>service|message|enum)\s+(?P<name>\w+)", re.MULTILINE)


def wire_declarations(tree: Path) -> Iterator[tuple[Path, str, str]]:
    """Path, kind and full name of each service, message and enum of our packages."""
    for path in sorted((tree / PROTOS).rglob("*.proto")):
        for kind, name in declared(path):
            yield path, kind, name


def declared(path: Path) -> Iterator[tuple[str, str]]:
    """Kind and full name of what a proto file declares. Files are formatted, so the indent says what is nested."""
    text = path.read_text(encoding="utf-8")
    package = PACKAGE.search(text)
    outer = [package[1]] if package else []
    scopes: list[tuple[int, str]] = []
    for found in DECLARATION.finditer(text):
        indent = len(found["indent"])
        scopes = [scope for scope in scopes if scope[0] < indent]
        yield found["kind"], ".".join([*outer, *(name for _, name in scopes), found["name"]])
        scopes.append((indent, found["name"]))
