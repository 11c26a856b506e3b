"""Turns `contracts/jsonschema` into document models, and ships the schemas themselves with an index of them.

Each family becomes one module `dome_contracts.schema.<context>.<family>`. References may be written as
an `$id` or as a relative path; they are resolved here, so that the model generator sees files only.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urldefrag, urljoin

from ci.gen.process import run
from ci.gen.support.canonical import NotCanonical, digest
from ci.gen.tree import PACKAGE, GenerationError, Tree, header

SOURCE: Final = "contracts/jsonschema"
OPTIONS: Final = (
    *("--input-file-type", "jsonschema", "--schema-version", "2020-12", "--schema-version-mode", "strict"),
    *("--strict-refs", "--output-model-type", "pydantic_v2.BaseModel", "--target-python-version", "3.11"),
    *("--base-class", "dome_contracts.schema.base.Contract", "--formatters", "ruff-format"),
    *("--use-double-quotes", "--disable-timestamp", "--use-annotated", "--use-standard-collections"),
    *("--use-union-operator", "--use-schema-description", "--use-field-description", "--use-single-line-docstring"),
    *("--use-type-alias", "--use-exact-imports", "--set-default-enum-member", "--use-specialized-enum"),
    *("--capitalise-enum-members", "--strict-nullable", "--use-tuple-for-fixed-items", "--use-title-as-name"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """One schema file: its place, its parsed text and its exact bytes."""

    context: str
    version: str
    family: str
    content: dict[str, Any]
    text: bytes

    @property
    def path(self) -> str:
        """Where it stands below `contracts/jsonschema`."""
        return f"{self.context}/{self.version}/{self.family}.json"

    @property
    def uri(self) -> str:
        """The name other schemas call it by."""
        return str(self.content.get("$id", f"file:///{self.path}"))

    @property
    def stage(self) -> str:
        """Where the model generator finds it; the first version has the short name."""
        return f"{self.context}/{self.family}{'' if self.version == 'v1' else f'_{self.version}'}.json"


def load(root: Path) -> list[Document]:
    """All schema files in the order of their paths. Raises GenerationError for a file in the wrong place."""
    documents = []
    for path in sorted((root / SOURCE).rglob("*.json")):
        place = path.relative_to(root / SOURCE).with_suffix("").parts
        if len(place) != 3:
            raise GenerationError(f"{path}: a schema stands at <context>/v<N>/<family>.json. Move it.")
        text = path.read_bytes()
        try:
            content = json.loads(text)
        except ValueError as error:
            raise GenerationError(f"{path} is not JSON: {error}.") from error
        documents.append(Document(*place, content, text))
    return documents


def generate(root: Path, folder: Path) -> Tree:
    """Models, the schema documents and the index over them. `folder` is scratch space."""
    documents = load(root)
    tree = {f"{PACKAGE}/jsonschema/{document.path}": document.text for document in documents}
    tree[f"{PACKAGE}/_index.py"] = _index(documents).encode()
    return tree | (_models(documents, folder) if documents else {})


def _models(documents: list[Document], folder: Path) -> Tree:
    stage, models = folder / "schemas", folder / "models"
    for document in documents:
        target = stage / document.stage
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(_staged(document, documents), indent=2))
    head = folder / "head.txt"
    head.write_text(header(SOURCE))
    paths = ("--input", str(stage), "--output", str(models), "--custom-file-header-path", str(head))
    run([sys.executable, "-m", "datamodel_code_generator", *paths, *OPTIONS], folder=folder)
    tree: Tree = {}
    by_module = {document.stage.removesuffix(".json"): document for document in documents}
    for path in sorted(models.rglob("*.py")):
        module = path.relative_to(models).with_suffix("").as_posix()
        if family := by_module.get(module):
            tree[f"{PACKAGE}/schema/{module}.py"] = _module(family, path.read_text()).encode()
        elif path.name != "__init__.py" or "class " in path.read_text():
            raise GenerationError(f"the model generator wrote {module}, which is no family: schemas refer in a circle.")
    return tree


def _module(document: Document, text: str) -> str:
    """The generated module with its own source in the first line, and a docstring."""
    body = text.removeprefix(header(SOURCE)).lstrip("\n")
    described = " ".join(str(document.content.get("description", document.family)).split())
    first_sentence = described.split(". ")[0].removesuffix(".")
    return header(f"{SOURCE}/{document.path}") + f'"""{first_sentence}."""\n\n' + body


def _staged(document: Document, documents: list[Document]) -> Any:
    """The schema with references as relative paths, and without the name that would hide them."""
    by_uri = {other.uri: other for other in documents}
    by_path = {f"file:///{other.path}": other for other in documents}

    def resolve(reference: str) -> str:
        for base, known in ((document.uri, by_uri), (f"file:///{document.path}", by_path)):
            uri, fragment = urldefrag(urljoin(base, reference))
            if reference.startswith("#") or uri == base:
                return f"#{fragment}"
            if target := known.get(uri):
                return f"../{target.stage}#{fragment}"
        raise GenerationError(f"{SOURCE}/{document.path}: $ref {reference} leads nowhere. Name an $id or a path.")

    def rewrite(value: Any) -> Any:
        match value:
            case dict():
                return (
                    _typed(value)
                    | _discriminated(value, document, by_uri | by_path)
                    | {
                        key: resolve(item) if key == "$ref" and isinstance(item, str) else rewrite(item)
                        for key, item in value.items()
                        if key != "$id" or not isinstance(item, str)
                    }
                )
            case list():
                return [rewrite(item) for item in value]
            case _:
                return value

    return rewrite(document.content)


def _discriminated(schema: dict[str, Any], document: Document, known: dict[str, Document]) -> dict[str, Any]:
    """By which member the alternatives are told apart, where each has a constant there: then none is tried in vain."""
    options = [_resolved(option, document, known) for option in schema.get("oneOf", ())]
    constants = [
        {
            name: each["const"]
            for name, each in option.get("properties", {}).items()
            if isinstance(each.get("const"), str)
        }
        for option in options
    ]
    shared = set.intersection(*map(set, constants)) if len(constants) > 1 else set()
    names = sorted(name for name in shared if len({each[name] for each in constants}) == len(constants))
    return {"discriminator": {"propertyName": names[0]}} if names else {}


def _resolved(schema: Any, document: Document, known: dict[str, Document]) -> dict[str, Any]:
    """What a schema or its reference says, one step deep."""
    reference = schema.get("$ref", "")
    base, fragment = urldefrag(reference)
    found = (
        document
        if not base
        else known.get(urljoin(document.uri, base)) or known.get(urljoin(f"file:///{document.path}", base))
    )
    target: Any = schema if not reference or found is None else found.content
    for part in fragment.split("/")[1:]:
        target = target[part]
    return target if isinstance(target, dict) else {}


def _typed(schema: dict[str, Any]) -> dict[str, Any]:
    """The type that an enum of texts implies: the model generator makes a StrEnum only where it is said."""
    values = schema.get("enum")
    texts = isinstance(values, list) and all(isinstance(value, str) for value in values)
    return {"type": "string"} if texts and "type" not in schema else {}


def _index(documents: list[Document]) -> str:
    rows = "".join(f"    {line}\n" for line in _rows(documents))
    return (
        header(SOURCE)
        + '"""Which schema documents this distribution holds. Read it through `documents`."""\n\n'
        + "ROWS: tuple[tuple[str, str, str, str, str], ...] = (\n"
        + rows
        + ")\n"
    )


def _rows(documents: list[Document]) -> Iterator[str]:
    """Context, version, family, `$id`, digest of the canonical schema."""
    seen: dict[str, str] = {}
    for document in documents:
        if (first := seen.setdefault(document.uri, document.path)) != document.path:
            raise GenerationError(f"{SOURCE}/{document.path} has the $id of {first}. Give it one of its own.")
        try:
            fingerprint = digest(document.content)
        except NotCanonical as error:
            raise GenerationError(f"{SOURCE}/{document.path}: {error}") from error
        row = (document.context, document.version, document.family, document.uri, fingerprint)
        yield "(" + ", ".join(json.dumps(cell) for cell in row) + "),"
