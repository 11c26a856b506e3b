"""Pages of documents that people write, from their JSON Schema: every field with type, limits, default and meaning."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ci.docs.markdown import code, head, table
from domed.config import config

FOLDER: Final = "contracts/jsonschema"
TITLES: Final = ("field", "type", "required", "default", "meaning")
LIMITS: Final = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "pattern": "`{}`",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A schema and the file that its relative references start from."""

    path: Path
    content: dict[str, Any]

    def follow(self, reference: str) -> tuple["Document", dict[str, Any]]:
        """Where a reference leads."""
        file, _, pointer = reference.partition("#")
        target = load((self.path.parent / file).resolve()) if file else self
        found: Any = target.content
        for part in filter(None, pointer.split("/")):
            found = found[part]
        return target, found


def load(path: Path) -> Document:
    """The schema in a file."""
    return Document(path, json.loads(path.read_text(encoding="utf-8")))


def configuration(tree: Path) -> str:
    """The daemon's configuration."""
    file = _page(tree, "runtime/v1/runtime_config.json", "Configuration of the daemon (`domed.toml`)")
    environment = (config.__doc__ or "").partition("\n\n")[2].strip()
    return f"{file}\n## Environment\n\n{environment}\n"


def manifest(tree: Path) -> str:
    """The manifest of a tool."""
    return _page(tree, "runtime/v1/tool_manifest.json", "Manifest of a tool (`tool.yaml`)")


def _page(tree: Path, path: str, title: str) -> str:
    document = load(tree / FOLDER / path)
    rows = list(_rows(document, document.content, ""))
    return "\n".join((head(title, f"{FOLDER}/{path}"), document.content["description"] + "\n", table(TITLES, rows)))


def _rows(document: Document, schema: dict[str, Any], prefix: str) -> Iterator[tuple[str, ...]]:
    required = schema.get("required", ())
    for name, value in schema.get("properties", {}).items():
        home, whole = _resolved(document, value)
        default = whole.get("default")
        yield (
            code(prefix + name),
            _kind(home, whole),
            "yes" if name in required else "",
            "" if default is None else code(json.dumps(default)),
            whole.get("description", ""),
        )
        yield from _rows(home, whole, f"{prefix}{name}.")


def _resolved(document: Document, schema: dict[str, Any]) -> tuple[Document, dict[str, Any]]:
    """The schema with what it refers to; its own words go before."""
    if "$ref" not in schema:
        return document, schema
    home, target = document.follow(schema["$ref"])
    home, target = _resolved(home, target)
    return home, {**target, **{key: value for key, value in schema.items() if key != "$ref"}}


def _kind(document: Document, schema: dict[str, Any]) -> str:
    """Type and limits, in words."""
    if "enum" in schema:
        return "one of " + ", ".join(code(value) for value in schema["enum"])
    if "const" in schema:
        return code(json.dumps(schema["const"]))
    words = str(schema.get("type", "any"))
    if words == "array":
        inner = _kind(*_resolved(document, schema.get("items", {})))
        words = f"list of: {inner}"
    elif words == "object" and isinstance(schema.get("additionalProperties"), dict):
        words = f"table of: {_kind(*_resolved(document, schema['additionalProperties']))}"
    limits = [text.format(schema[key]) for key, text in LIMITS.items() if key in schema]
    return f"{words} ({', '.join(limits)})" if limits else words
