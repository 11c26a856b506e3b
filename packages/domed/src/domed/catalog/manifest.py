"""Reads one folder of a tool root: the Tool in it, or the problem with it. Runs nothing."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
from pydantic import ValidationError

from dome_contracts import documents
from dome_contracts.canonical import NotCanonical
from dome_contracts.runtime.v1 import CatalogProblem, CatalogProblemKind, ToolKind, ToolOrigin
from dome_contracts.schema.runtime.tool_manifest import Executor, ToolManifest
from domed.catalog import command, document, input_pointer, payload_schema, strict_json, strict_yaml
from domed.catalog.digest import document_digest, tool_digest
from domed.catalog.document import DOCUMENT, DOCUMENT_BYTES_MAX
from domed.catalog.payload_schema import PayloadSchema
from domed.catalog.rejection import Rejected
from domed.catalog.source import Covered, Source, Stamp
from domed.catalog.tool import Tool

MANIFEST: Final = "tool.yaml"
MISNAMED_MANIFEST: Final = "tool.yml"
MANIFEST_BYTES_MAX: Final = 256 * 1024
SCHEMA_BYTES_MAX: Final = 1024 * 1024
MESSAGES_MAX: Final = 5
WHOLE_FOLDER: Final = "."
RESERVED_IDS: Final = frozenset({"domed", "executor", "python"})
"""What stands beside the tool's id in the record of a run; no tool can be called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the daemon decides about the tools that are read."""

    pycache: Path | None = None
    """Where Python keeps the compiled files of tools that were not shipped. None: in their folders."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a folder holds. `entry` is None where it is neither a tool nor a document."""

    entry: Tool | CatalogProblem | None
    stamps: tuple[Stamp, ...]
    """Everything that the answer depends on."""


def load(folder: Path, *, origin: ToolOrigin, rules: Rules) -> Loaded:
    """Read and check one folder. Whatever is wrong with it comes back as a problem; nothing is raised."""
    source = Source(folder)
    claimed: dict[str, str] = {}
    entry: Tool | CatalogProblem | None
    try:
        if source.has(MANIFEST):
            entry = _tool(source, origin, rules, claimed)
        elif source.has(MISNAMED_MANIFEST):
            raise Rejected(f"a manifest is called {MANIFEST}. Rename it.", path=MISNAMED_MANIFEST)
        elif source.has(DOCUMENT):
            entry = _document(source, origin, folder.name)
        else:
            entry = None
    except Rejected as rejected:
        path = source.folder / rejected.path if rejected.path else source.folder
        entry = CatalogProblem(
            kind=CatalogProblemKind.REJECTED,
            path=printable(path),
            tool_id=claimed.get("tool_id", ""),
            message=f"{printable(path.name)}: {rejected.message}",
            pointers=list(rejected.pointers),
            origin=origin,
        )
    return Loaded(entry, source.stamps)


def printable(path: Path | str) -> str:
    """A path as text that has a UTF-8, whatever bytes it is made of."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _tool(source: Source, origin: ToolOrigin, rules: Rules, claimed: dict[str, str]) -> Tool:
    """The tool in a folder. `claimed` gets the id as soon as it can be read, for the report of what follows."""
    value = _parsed(source.read(MANIFEST, bytes_max=MANIFEST_BYTES_MAX))
    if isinstance(value.get("tool_id"), str):
        claimed["tool_id"] = value["tool_id"][:256].encode("utf-8", "replace").decode()
    manifest = _checked(value)
    _check_id(manifest.tool_id)
    executor = manifest.executor
    built_in = origin is ToolOrigin.BUILT_IN
    # Whoever approves a tool approves a program; one that runs what it is told has to come with the daemon.
    command.check(executor.command, manifest=MANIFEST, from_input=built_in and executor.arguments_from is not None)
    inputs = _schema(source, manifest.input_schema, manifest.tool_id)
    outputs = _schema(source, manifest.output_schema, manifest.tool_id)
    _check_pointers(executor, inputs, schema_file=manifest.input_schema)
    covered: dict[str, Covered] = {}
    for path in (WHOLE_FOLDER, *command.named_paths(executor.command)):
        # Those of the daemon's own are as good as its own: who can write there can write the daemon.
        covered |= source.covered(path, without_derived=built_in)
    files = _portable(covered)
    digests = {name: file.digest for name, file in files.items()}
    try:
        digest = tool_digest(value, inputs=inputs, outputs=outputs, files=digests)
    except NotCanonical as error:
        raise Rejected(f"it has no canonical form: {error}. Correct the value.", path=MANIFEST) from None
    return Tool(
        tool_id=manifest.tool_id,
        version=manifest.version,
        title=manifest.title,
        short_description=manifest.short_description,
        digest=digest,
        kind=ToolKind.TOOL,
        origin=origin,
        trusted=built_in,
        location=source.folder,
        files=files,
        text=manifest.description or "",
        pycache=None if built_in else rules.pycache,
        manifest=manifest,
        inputs=inputs,
        outputs=outputs,
    )


def _document(source: Source, origin: ToolOrigin, folder_name: str) -> Tool:
    data = source.read(DOCUMENT, bytes_max=DOCUMENT_BYTES_MAX)
    found = document.read(data, folder_name=folder_name)
    digest = document_digest(data)
    return Tool(
        tool_id=found.tool_id,
        version="",
        title=found.title,
        short_description=found.short_description,
        digest=digest,
        kind=ToolKind.DOCUMENT,
        origin=origin,
        trusted=origin is ToolOrigin.BUILT_IN,
        location=source.folder,
        text=found.text,
    )


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        value = strict_yaml.parse(text)
    except strict_yaml.NotStrictYaml as error:
        raise Rejected(f"it cannot be read as YAML: {error}. Correct the file.", path=MANIFEST) from None
    if not isinstance(value, dict):
        raise Rejected('it is no mapping of names to values. Begin with `manifest_version: "1"`.', path=MANIFEST)
    return value


def _checked(value: dict[str, Any]) -> ToolManifest:
    """The manifest by its contract: first the schema, which is the stricter, then the model."""
    try:
        errors = list(_contract().iter_errors(value))
    except ValueError as error:
        raise Rejected(f"it holds a value that is no JSON: {error}. Correct it.", path=MANIFEST) from None
    if errors:
        places = [(strict_json.pointer(error.instance_path), error.message) for error in errors]
        said = "; ".join(f"{where or 'the whole'}: {what[:300]}" for where, what in places[:MESSAGES_MAX])
        more = f"; and {len(places) - MESSAGES_MAX} more" if len(places) > MESSAGES_MAX else ""
        pointers = sorted({where for where, _ in places if where})
        raise Rejected(
            f"it breaks the tool_manifest contract: {said}{more}. Correct these.", path=MANIFEST, pointers=pointers
        )
    try:
        return ToolManifest.from_value(value)
    except ValidationError as error:
        pointers = [strict_json.pointer(found["loc"]) for found in error.errors(include_url=False)]
        raise Rejected(
            f"it breaks the tool_manifest contract: {error}. Correct this.", path=MANIFEST, pointers=pointers
        ) from None


def _check_id(tool_id: str) -> None:
    if tool_id in RESERVED_IDS:
        raise Rejected(
            f"its id {tool_id!r} is reserved: the record of a run has the daemon's own versions under "
            f"{', '.join(sorted(RESERVED_IDS))}. Give it another id.",
            path=MANIFEST,
            pointers=["/tool_id"],
        )


def _check_pointers(executor: Executor, inputs: PayloadSchema, *, schema_file: str) -> None:
    """Raises Rejected unless whatever fits the input schema has at the pointers what a program can be given."""
    schema = strict_json.parse(inputs.document)
    arguments, text = executor.arguments_from, executor.standard_input_from
    if arguments is not None and not input_pointer.assures_texts(arguments, schema, one_at_least=not executor.command):
        length = "" if executor.command else " with `minItems` of at least 1"
        raise _unassured("arguments_from", f"require an array of strings{length}", schema_file)
    if text is not None and not input_pointer.assures_text(text, schema):
        raise _unassured("standard_input_from", "declare a string", schema_file)


def _unassured(name: str, need: str, schema_file: str) -> Rejected:
    return Rejected(
        f"{schema_file} does not {need} where `{name}` leads, by properties and in place. Correct one of the two.",
        path=MANIFEST,
        pointers=[f"/executor/{name}"],
    )


def _schema(source: Source, name: str, tool_id: str) -> PayloadSchema:
    text = source.read(name, bytes_max=SCHEMA_BYTES_MAX)
    return payload_schema.read(text, name=name, fallback_id=f"{tool_id}/{name}")


def _portable(files: dict[str, Covered]) -> dict[str, Covered]:
    """The names as text that has a canonical form: a byte that is no UTF-8 is escaped, a backslash doubled."""
    return {
        name.replace("\\", "\\\\").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"): file
        for name, file in sorted(files.items())
    }


@cache
def _contract() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        documents.schema("runtime", "tool_manifest"),
        registry=jsonschema_rs.Registry(documents.registry("runtime")),
        validate_formats=True,
        offline=True,
    )
