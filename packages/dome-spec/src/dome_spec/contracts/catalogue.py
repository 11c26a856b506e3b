"""Finds one family by what people call it, and gathers what is known of it. Judges nothing."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from dome_contracts import documents
from dome_contracts.families import FAMILIES, Family
from dome_spec.contracts.layout import Layout
from dome_spec.contracts.pairing import family_name, names
from dome_spec.contracts.sources import SchemaSet, annotation, document_digest, identity, load, read_file, read_folder
from dome_spec.kernel import read_json

_DECLARATION: Final = r"((?:^//[^\n]*\n)*)^(?:message|enum|service)\s+{}\s*\{{"


class FamilyUnknown(Exception):
    """No family, or more than one, is called so."""

    kind = "family, file or `$id`"

    def __init__(self, word: str, known: Sequence[str], found: Sequence[str] = ()) -> None:
        several = f"{word!r} may be {' or '.join(found)}"
        super().__init__(several if found else f"there is no {self.kind} {word!r} here")
        self.known = tuple(found or known)


class RuleUnknown(FamilyUnknown):
    """No rule is called so."""

    kind = "rule"


class Entry(NamedTuple):
    """What a schema says of itself."""

    family: str
    path: str
    schema_id: str
    title: str
    tier: str
    intent: str
    digest: str


@dataclass(frozen=True, slots=True)
class Example:
    """A document that the family accepts, or one that it refuses."""

    path: str
    is_valid: bool
    document: Any


@dataclass(frozen=True, slots=True)
class View:
    """What is known of one family."""

    family: str
    origin: str
    schemas: SchemaSet | None
    """Where its schema is; None for a family of the wire."""
    path: str
    row: Family | None
    proto: str = ""
    """The declaration of a family of the wire, with its comments."""
    examples: tuple[Example, ...] = field(default=())


def entries(schemas: SchemaSet) -> list[Entry]:
    """Every schema of a set, ordered by family."""
    found = [
        Entry(
            family_name(schemas, path),
            schemas.shown(path),
            identity(document) or "",
            annotation(document, "title"),
            annotation(document, "x-dome-tier"),
            annotation(document, "x-dome-intent"),
            document_digest(document),
        )
        for path, document in schemas.documents.items()
    ]
    return sorted(found)


def find(word: str, schemas: SchemaSet) -> str:
    """The path of the schema that a word names. Raises FamilyUnknown."""
    found = [path for path in schemas.documents if word in names(schemas, path)]
    exact = [path for path in found if word in (path, schemas.shown(path), family_name(schemas, path))]
    chosen = exact if len(exact) == 1 else found
    if len(chosen) != 1:
        known = sorted(family_name(schemas, path) for path in schemas.documents)
        raise FamilyUnknown(word, known, sorted(schemas.shown(path) for path in chosen))
    return chosen[0]


def view(word: str, directory: Path, *, revision: str = "") -> View:
    """What is known of a family or a file, here or in a revision. Raises FamilyUnknown, SourceError, VcsError."""
    layout = Layout.find(directory)
    row = next((each for each in FAMILIES if each.family == word), None)
    if row is not None and row.form == "proto":
        return _of_the_wire(row, layout, revision)
    is_file = (directory / word).is_file()
    if is_file:
        schemas = load(f"{revision}:{_below(directory / word, layout)}" if revision else word, directory)
        path = next(iter(schemas.documents))
    else:
        schemas = _contracts(layout, revision)
        path = find(word, schemas)
    family = family_name(schemas, path)
    row = next((each for each in FAMILIES if each.family == family), None)
    examples = _examples(layout, family, revision)
    return View(family, schemas.origin, schemas, path, row, examples=tuple(examples))


def _contracts(layout: Layout, revision: str) -> SchemaSet:
    """The contracts of this repository, else whatever schemas it has, else the contracts that are shipped."""
    if layout.schemas.is_dir():
        place = layout.schemas.relative_to(layout.root).as_posix()
        return load(f"{revision}:{place}" if revision else place, layout.root)
    if revision:
        return load(f"{revision}:", layout.root)
    if (layout.root / ".git").exists() and (here := load(".", layout.root)).documents:
        return here
    found = {
        f"{each.context}/{each.version}/{each.family}.json": each.path.read_bytes() for each in documents.DOCUMENTS
    }
    parsed = {path: json.loads(data) for path, data in found.items()}
    return SchemaSet("shipped", "the contracts that are installed", parsed, found)


def _of_the_wire(row: Family, layout: Layout, revision: str) -> View:
    path = f"contracts/{row.path}"
    is_here = revision or (layout.root / path).is_file()
    data = read_file(layout.root, path, revision=revision) if is_here else b""
    text = _declaration(data.decode("utf-8"), row.family.rpartition(".")[2])
    return View(row.family, path, None, path, row, proto=text)


def _declaration(text: str, name: str) -> str:
    """The comment above, and all between the braces."""
    found = re.search(_DECLARATION.format(re.escape(name)), text, re.MULTILINE)
    if found is None:
        return ""
    depth = 0
    for at in range(found.end() - 1, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[found.start() : at + 1]
    return ""


def _examples(layout: Layout, family: str, revision: str) -> Iterable[Example]:
    for kind in ("valid", "invalid"):
        folder = f"{layout.examples.relative_to(layout.root).as_posix()}/{family}/{kind}"
        for path, data in read_folder(layout.root, folder, revision=revision).items():
            yield Example(path, kind == "valid", read_json(data))


def _below(path: Path, layout: Layout) -> str:
    resolved = path.resolve()
    return resolved.relative_to(layout.root).as_posix() if resolved.is_relative_to(layout.root) else path.as_posix()
