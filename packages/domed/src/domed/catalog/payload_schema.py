"""A tool's schema for its input or its result: checked when it is read, compiled once, asked for violations.

Formats are asserted. Nothing is ever fetched: a reference has to lead to a place in the same document.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import jsonschema_rs

from dome_contracts.canonical import NotCanonical, canonical_bytes, digest_bytes
from dome_contracts.runtime.v1 import SchemaRef
from domed.catalog import strict_json
from domed.catalog.rejection import Rejected
from domed.errors import FieldViolation

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
VIOLATIONS_MAX: Final = 20
EVERY_PLACE_BYTES_MAX: Final = 16 * 1024
"""In a longer text only the first place is looked for: the validator finds all of them before it tells one, and a
million of them would hold up everybody else for many seconds."""
DESCRIPTION_CHARACTERS_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class PayloadSchema:
    """One schema document with what is made of it once."""

    document: bytes
    """The file, byte for byte."""
    canonical: bytes
    schema_id: str
    validator: Any = field(compare=False, repr=False)
    """The document, compiled."""

    @property
    def ref(self) -> SchemaRef:
        """The schema by name and content."""
        return SchemaRef(schema_id=self.schema_id, digest=digest_bytes(self.canonical))

    def violations(self, payload: bytes, *, within: str) -> tuple[FieldViolation, ...]:
        """What in a JSON text breaks the schema: at most VIOLATIONS_MAX places, in a long text the first.

        Empty bytes mean `{}`.
        """
        try:
            value = strict_json.parse(payload) if payload else {}
        except strict_json.NotStrictJson as error:
            return (FieldViolation(within, f"is no valid JSON: {error}."),)
        found: list[FieldViolation] = []
        try:
            for violation in self._errors(value, every=len(payload) <= EVERY_PLACE_BYTES_MAX):
                if len(found) == VIOLATIONS_MAX:
                    break
                where = within + strict_json.pointer(violation.instance_path)
                found.append(FieldViolation(where, _sentence(violation.message)))
        except UnicodeEncodeError:
            return (FieldViolation(within, "holds text with a lone surrogate, which has no UTF-8."),)
        except ValueError as error:
            # What the validator cannot take in, such as a document that is nested too deeply.
            return (FieldViolation(within, _sentence(str(error))),)
        return tuple(found)

    def _errors(self, value: Any, *, every: bool) -> Iterable[jsonschema_rs.ValidationError]:
        if every:
            found: Iterable[jsonschema_rs.ValidationError] = self.validator.iter_errors(value)
            return found
        try:
            self.validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return (error,)
        return ()


def read(text: bytes, *, name: str, fallback_id: str) -> PayloadSchema:
    """The schema in this file. Raises Rejected unless it is a JSON Schema 2020-12 document for an object."""
    try:
        schema = strict_json.parse(text)
    except strict_json.NotStrictJson as error:
        raise Rejected(f"it is no valid JSON: {error}. Correct the file.", path=name) from None
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise Rejected(
            'its root must say "type": "object": agents pass an object and expect one, '
            "and some drop every tool when one breaks this. Wrap the value in a property.",
            path=name,
            pointers=["/type"],
        )
    if str(schema.get("$schema", DIALECT)).rstrip("#") != DIALECT:
        raise Rejected(f"its dialect must be {DIALECT}. Correct `$schema`.", path=name, pointers=["/$schema"])
    try:
        jsonschema_rs.meta.validate({"$schema": DIALECT, **schema})
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)
        canonical = canonical_bytes(schema)
    except jsonschema_rs.ValidationError as error:
        where = strict_json.pointer(error.instance_path)
        raise Rejected(
            f"it is no JSON Schema 2020-12 that stands alone: {_sentence(error.message)} Correct the schema.",
            path=name,
            pointers=[where] if where else [],
        ) from None
    except (NotCanonical, UnicodeEncodeError, RecursionError) as error:
        raise Rejected(f"it has no canonical form: {error}. Correct the schema.", path=name) from None
    except ValueError as error:
        raise Rejected(f"it cannot be used: {_sentence(str(error))} Correct the schema.", path=name) from None
    return PayloadSchema(text, canonical, str(schema.get("$id", fallback_id)), validator)


def _sentence(message: str) -> str:
    """A validator's message as one bounded sentence. It may quote the whole payload."""
    text = " ".join(message.split())
    if len(text) > DESCRIPTION_CHARACTERS_MAX:
        text = text[: DESCRIPTION_CHARACTERS_MAX - 1] + "…"
    return text if text.endswith((".", "…")) else text + "."
