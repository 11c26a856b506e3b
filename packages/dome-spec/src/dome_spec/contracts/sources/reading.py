"""Reads the schemas of a place of a tree, and those outside of it that they refer to. Compares nothing."""

import posixpath
from collections.abc import Callable
from typing import Any, Final

from dome_spec.contracts.sources.errors import SourceError, SourceRefused, SourceTooLarge
from dome_spec.contracts.sources.recognition import is_likely_schema, is_schema
from dome_spec.contracts.sources.references import referred, relative_path
from dome_spec.contracts.sources.schema_set import Problem, SchemaSet
from dome_spec.contracts.sources.trees import Tree
from dome_spec.kernel import NotJson, read_json

TOTAL_BYTES_MAX: Final = 256 * 1024 * 1024
"""Most bytes of JSON that are read from one place."""
_YAML: Final = (".yaml", ".yml")

Progress = Callable[[str], None]
"""Is told what is being done."""


def silent(_: str) -> None:
    """Progress that nobody watches."""


def read_set(
    tree: Tree, prefix: str, *, name: str, origin: str, shown_prefix: str, progress: Progress = silent
) -> SchemaSet:
    """The schemas below `prefix`, or the one that it names. Raises SourceError."""
    if tree.is_file(prefix):
        return _single(tree, prefix, name=name, origin=origin, shown=shown_prefix)
    documents: dict[str, Any] = {}
    texts: dict[str, bytes] = {}
    problems: list[Problem] = []
    skipped_count = total_bytes = 0
    for full in tree.files(prefix):
        path = posixpath.relpath(full, prefix or ".")
        progress(f"reading {origin}: {path}")
        read = _read(tree, full, path)
        if isinstance(read, Problem):
            problems.append(read)
            continue
        data, document = read
        total_bytes += len(data)
        if total_bytes > TOTAL_BYTES_MAX:
            what = f"more than {TOTAL_BYTES_MAX} bytes of JSON in {origin}"
            raise SourceTooLarge(what, "Name the folder that holds the schemas.")
        if is_schema(document):
            documents[path], texts[path] = document, data
        else:
            skipped_count += 1
    resources, beside = _resources(tree, prefix, documents)
    return SchemaSet(
        name,
        origin,
        documents,
        texts | beside,
        resources,
        shown_prefix,
        tuple(problems),
        skipped_count,
    )


def _single(tree: Tree, full: str, *, name: str, origin: str, shown: str) -> SchemaSet:
    """One file that was named: whatever is wrong with it is an error."""
    if full.lower().endswith(_YAML):
        raise SourceRefused(f"{origin} is YAML; schemas are read as JSON", "Convert it, and commit the JSON.")
    data = tree.read(full)
    try:
        document = read_json(data)
    except NotJson as error:
        place = f"{origin}:{error.position.line}:{error.position.column}" if error.position else origin
        raise SourceRefused(f"{place}: {error.what}", error.remedy) from error
    if not is_schema(document) and not isinstance(document, bool):
        raise SourceRefused(f"{origin} is JSON and no schema", "Add `$schema`, so that everybody can tell.")
    folder, path = posixpath.split(full)
    documents = {path: document}
    resources, beside = _resources(tree, folder, documents)
    shown_prefix = shown.removesuffix(path)
    return SchemaSet(name, origin, documents, {path: data} | beside, resources, shown_prefix, is_single=True)


def _read(tree: Tree, full: str, path: str) -> tuple[bytes, Any] | Problem:
    """Bytes and value of a file that was found in a folder, or why it is left out."""
    try:
        data = tree.read(full)
    except SourceError as error:
        what = error.what.removeprefix(f"{full} ")  # the problem has its path already
        return Problem(path, what, error.remedy, is_likely_schema=isinstance(error, SourceRefused))
    try:
        return data, read_json(data)
    except NotJson as error:
        return Problem(path, error.what, error.remedy, error.position, is_likely_schema(data))


def _resources(tree: Tree, prefix: str, documents: dict[str, Any]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Schemas outside of the place that are referred to by where they lie, and what those refer to; and their bytes."""
    found: dict[str, Any] = {}
    texts: dict[str, bytes] = {}
    pending = list(documents.items())
    while pending:
        path, document = pending.pop()
        for name in sorted(referred(document)):
            target = relative_path(name, of=path)
            if target is None or target in documents or target in found:
                continue
            full = posixpath.normpath(posixpath.join(prefix, target))
            if full.startswith("../") or not tree.is_file(full):
                continue  # the engine says of a reference that leads nowhere what is wrong with it
            read = _read(tree, full, target)
            if not isinstance(read, Problem) and is_schema(read[1]):
                texts[target], found[target] = read
                pending.append((target, read[1]))
    return found, texts
