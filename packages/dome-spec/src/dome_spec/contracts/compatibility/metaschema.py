"""The published metaschemas: what a schema of a dialect must look like, and its patterns. Follows no references."""

from functools import cache, lru_cache
from typing import Any, Final

import jsonschema_rs

from dome_spec.contracts.compatibility.dialect import Dialect
from dome_spec.contracts.compatibility.faults import SchemaFault, SchemaRefused
from dome_spec.contracts.compatibility.pointers import named, pointer

_MESSAGE_CHARS_MAX: Final = 300


def check_metaschema(content: Any, dialect: Dialect, *, name: str = "", place: str = "") -> None:
    """Refuses what is no schema of the dialect. Raises SchemaRefused: NOT_A_SCHEMA."""
    if not isinstance(content, dict | bool):
        raise _refused(named(name, place), "A schema is an object or a boolean.", "Put the schema at the top.")
    if isinstance(content, bool):
        return
    # The dialect is written out, because a validator goes looking on the network for one that it does not know.
    try:
        jsonschema_rs.meta.validate({**content, "$schema": dialect.uri})
    except jsonschema_rs.ValidationError as error:
        at = named(name, place + pointer(error.instance_path))
        raise _refused(
            at, f"It is no schema of {dialect.name}: {error.message[:_MESSAGE_CHARS_MAX]}.", _remedy(dialect)
        ) from None


@lru_cache(maxsize=4096)
def is_pattern(text: str) -> bool:
    """Whether the validator can use the text as a pattern."""
    try:
        jsonschema_rs.Draft202012Validator({"pattern": text})
    except jsonschema_rs.ValidationError:
        return False
    return True


def published(uri: str) -> Any | None:
    """The metaschema, or the vocabulary, that is published under a URI."""
    return _published().get(uri)


@cache
def _published() -> dict[str, Any]:
    # Few schemas refer to a metaschema, and loading them all takes as long as comparing a dozen families.
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

    return {uri: REGISTRY.contents(uri) for uri in REGISTRY}


def _remedy(dialect: Dialect) -> str:
    return f"Correct the keyword; a schema that is not written for {dialect.name} says so in `$schema`."


def _refused(place: str, what: str, remedy: str) -> SchemaRefused:
    return SchemaRefused(SchemaFault.NOT_A_SCHEMA, place, what=what, remedy=remedy)
