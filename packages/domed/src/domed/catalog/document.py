"""A SKILL.md without a manifest: a text that the catalog lists and nobody runs."""

import re
from dataclasses import dataclass
from typing import Any, Final

from domed.catalog import strict_yaml
from domed.catalog.rejection import Rejected

DOCUMENT: Final = "SKILL.md"
DOCUMENT_BYTES_MAX: Final = 1024 * 1024
TITLE_CHARACTERS_MAX: Final = 80
SHORT_DESCRIPTION_CHARACTERS_MAX: Final = 200
_FRONT_MATTER: Final = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_TOOL_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,31}(\.[a-z][a-z0-9_]{0,31}){0,3}")


@dataclass(frozen=True, slots=True)
class Document:
    """What a SKILL.md says of itself."""

    tool_id: str
    title: str
    short_description: str
    text: str


def read(data: bytes, *, folder_name: str) -> Document:
    """The document in this file. Raises Rejected.

    Its id is the `name` of its front matter, or else of its folder, in lower case and with `_` for what an id
    cannot hold.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejected(f"it is not UTF-8 (byte {error.start}). Convert it.", path=DOCUMENT) from None
    fields = _front_matter(text)
    name = _text(fields.get("name")) or folder_name
    tool_id = re.sub(r"[^a-z0-9_.]", "_", name.lower())
    if not _TOOL_ID.fullmatch(tool_id):
        raise Rejected(
            f"its name {name!r} makes no id: it must begin with a letter, and a word has at most 32 characters. "
            "Rename the folder or set `name` in the front matter.",
            path=DOCUMENT,
            pointers=["/name"] if "name" in fields else [],
        )
    description = _text(fields.get("description"))
    return Document(
        tool_id, _cut(name, TITLE_CHARACTERS_MAX), _cut(description, SHORT_DESCRIPTION_CHARACTERS_MAX), text
    )


def _front_matter(text: str) -> dict[str, Any]:
    if not (found := _FRONT_MATTER.match(text)):
        return {}
    try:
        fields = strict_yaml.parse(found[1].encode())
    except strict_yaml.NotStrictYaml as error:
        raise Rejected(f"its front matter cannot be read: {error}. Correct it.", path=DOCUMENT) from None
    if not isinstance(fields, dict):
        raise Rejected("its front matter is no mapping. Write `name: …` and `description: …`.", path=DOCUMENT)
    return fields


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _cut(text: str, characters_max: int) -> str:
    return text if len(text) <= characters_max else text[: characters_max - 1] + "…"
