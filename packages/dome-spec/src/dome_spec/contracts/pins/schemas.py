"""The schemas among the files of a pin, as the compatibility engine takes them. Files in, judgements out."""

from collections.abc import Mapping
from typing import Any, Final

from dome_spec.contracts.compatibility import Acceptance, Comparison, Schema, SchemaRefused, compare, parse
from dome_spec.contracts.pins.errors import MemberRefused
from dome_spec.contracts.policy import direction, terms
from dome_spec.contracts.sources import SchemaSet, resources
from dome_spec.kernel import NotJson, read_json

_SCHEMA_REMEDY: Final = "Pin the schema itself, together with every schema that it refers to."


def json_of(data: bytes, file: str) -> Any:
    """The value of a file. Raises MemberRefused."""
    try:
        return read_json(data)
    except NotJson as error:
        at = f":{error.position.line}:{error.position.column}" if error.position else ""
        raise MemberRefused(f"{file}{at}: {error.what}", error.remedy) from error


def schema_of(file: str, files: Mapping[str, bytes]) -> Schema:
    """The schema in a file; what it refers to is looked for in the other files. Raises MemberRefused."""
    documents = {file: json_of(files[file], file)}
    for name, data in files.items():
        if name != file:
            try:
                documents[name] = read_json(data)
            except NotJson:
                continue  # whoever needs it hears of a reference that leads nowhere
    schemas = SchemaSet("pin", "pin", {name: each for name, each in documents.items() if isinstance(each, dict)})
    if file not in schemas.documents:
        raise MemberRefused(f"{file} is JSON and no schema", _SCHEMA_REMEDY)
    try:
        return parse(documents[file], resources=resources(schemas, file))
    except SchemaRefused as error:
        at = f" at {error.place}" if error.place else ""
        raise MemberRefused(f"{file} is refused as a schema{at}: {error.what.rstrip('.')}", error.remedy) from error


def compared(old: Schema, new: Schema) -> Comparison:
    """What the step does to whom the schema promises something; a foreign one promises it to its readers."""
    return compare(old, new, direction=direction(terms(old.source)))


def accepts(schema: Schema, data: bytes, file: str) -> bool:
    """Whether the schema accepts the document. Raises MemberRefused."""
    return Acceptance(schema).accepts(json_of(data, file))
