"""A schema as the engine works on it: one self-contained document of JSON Schema 2020-12.

Parsing settles everything that is not about documents: dialect, references, names, size. What cannot be settled is
refused, or named. Reads no files: other documents are handed in.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from jsonschema_rs import Draft202012Validator

from dome_spec.contracts.compatibility.bundle import Bundle, bundled
from dome_spec.contracts.compatibility.cycles import cycle
from dome_spec.contracts.compatibility.definitions import target
from dome_spec.contracts.compatibility.effort import expanded
from dome_spec.contracts.compatibility.faults import SchemaFault, SchemaRefused
from dome_spec.contracts.compatibility.metaschema import is_pattern
from dome_spec.contracts.compatibility.references import References
from dome_spec.contracts.compatibility.strings.misread import REMEDY, is_misread

__all__ = ["DOCUMENTS_MAX", "Schema", "SchemaFault", "SchemaRefused", "parse"]

DOCUMENTS_MAX: Final = 2_000
"""Most other documents that may be handed in."""
EXPANDED_MAX: Final = 20_000
"""Most schemas beside one `unevaluated` keyword, each counted as often as it is referred to."""
_NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(frozen=True, eq=False, kw_only=True)
class Schema:  # without slots, because what is derived from it is kept with it
    """A schema that was taken. Equal only to itself, so that what is found out about it can be kept with it."""

    source: Any
    """The document as it was given."""
    document: Any = field(repr=False)
    """It as self-contained 2020-12: every `$ref` is `#` or `#/$defs/<name>`, and nothing stands in `$defs` unused.

    Not to be changed: it shares values with the source.
    """
    undecidable: tuple[str, ...] = ()
    """Reasons why no verdict about it may be given; empty nearly always."""
    resources: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The other documents it refers to, by the name they were handed in under."""
    _origins: Mapping[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def validator(self) -> Draft202012Validator:
        """The validator of `document`, formats asserted: what the engine means by accepting."""
        return Draft202012Validator(self.document, validate_formats=True)

    @cached_property
    def text(self) -> str:
        """The document written, the same for schemas that are written alike but for the order of names."""
        return json.dumps(self.document, sort_keys=True)

    def source_place(self, place: str) -> str:
        """Where the author wrote what stands at a place of `document`.

        A JSON pointer into the source; in another document its name and `#` come first.
        """
        return _source_place(self._origins, place)


def parse(document: Any, *, resources: Mapping[str, Any] | None = None) -> Schema:
    """Takes a JSON document as a schema. `$schema` names its dialect; without one it is 2020-12.

    `resources` are the other documents it may refer to, by URI, by `$id` or by their path relative to it.

    Raises SchemaRefused, which says why, where, and what to do. Never more than a bounded amount of work.
    """
    others = _NOTHING if resources is None else resources
    if len(others) > DOCUMENTS_MAX:
        what = f"More than {DOCUMENTS_MAX} documents were handed in."
        raise SchemaRefused(SchemaFault.TOO_LARGE, "", what=what, remedy="Hand in those that it refers to.")
    references = References(document, others)
    bundle = bundled(references)
    _check_cycles(bundle)
    _check_patterns(bundle)
    _check_expansion(bundle)
    return Schema(
        source=document,
        document=bundle.document,
        undecidable=(*bundle.doubts, *_misread(bundle)),
        resources=references.used,
        _origins=bundle.origins,
    )


def _check_patterns(bundle: Bundle) -> None:
    for place, pattern in bundle.patterns:
        if not is_pattern(pattern):
            raise SchemaRefused(
                SchemaFault.NOT_A_SCHEMA,
                _source_place(bundle.origins, place),
                what=f"The validator cannot use the pattern {pattern!r:.200}.",
                remedy="Write it as ECMA-262 has it with the flag u, and without counts in the thousands.",
            )


def _check_expansion(bundle: Bundle) -> None:
    """Validators write out what an `unevaluated` keyword has to look at, and may never come to an end."""
    known: dict[int, int] = {}
    for place in bundle.unevaluated:
        try:
            count = expanded(bundle.document, target(bundle.document, place), known)
        except RecursionError:
            count = EXPANDED_MAX + 1
        if count > EXPANDED_MAX:
            raise SchemaRefused(
                SchemaFault.TOO_LARGE,
                _source_place(bundle.origins, place),
                what=f"Its `unevaluated` keyword has to look at more than {EXPANDED_MAX} schemas.",
                remedy="Refer to each schema once, or name what is allowed in `additionalProperties` or `items`.",
            )


def _misread(bundle: Bundle) -> Iterator[str]:
    for place, pattern in bundle.patterns:
        if is_misread(pattern):
            yield f"{_source_place(bundle.origins, place)}: the validator may misread {pattern!r:.200}; {REMEDY}"


def _check_cycles(bundle: Bundle) -> None:
    found = cycle(bundle.document)
    if found is None:
        return
    places = [_source_place(bundle.origins, place.removeprefix("#")) for place in found]
    raise SchemaRefused(
        SchemaFault.CYCLIC_REFERENCE,
        places[0],
        what=f"References lead in a circle on one and the same value: {' -> '.join(places)[:600]}.",
        remedy="Break the circle, or let it go through `properties` or `items`, where it reads further.",
    )


def _source_place(origins: Mapping[str, str], place: str) -> str:
    head = place
    while head not in origins and head:
        head = head.rpartition("/")[0]
    return origins.get(head, "") + place[len(head) :]
