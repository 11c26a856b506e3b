"""`reason_code`, the earlier name of `failure_reason_code`: taken on input, never written.

Whoever takes in a TaskSpec or a wrapper calls `without_alias` before the schema judges it: the families know no
`reason_code`. Only the places of a family that hold a failure reason are looked at, never the free input of a skill.
"""

from collections.abc import Mapping
from typing import Any, Final

from dome_spec.kernel.json_pointer import names

ALIAS: Final = "reason_code"
FIELD: Final = "failure_reason_code"

PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "planning/task_spec": ("",),
    "knowledge/wrapper_envelope": ("/task", "/outcome"),
}
"""Of each family with a door for it: the objects, by JSON pointer, that hold a failure reason."""


class AliasConflict(Exception):
    """Both names are there with different reasons. `pointer` leads to the alias."""

    def __init__(self, pointer: str, *, alias: Any, reason: Any) -> None:
        what = f"{pointer} is {alias!r} and {FIELD} beside it is {reason!r}"
        super().__init__(f"{what}. Send {FIELD} alone: {ALIAS} is its earlier name.")
        self.pointer = pointer
        self.alias = alias
        self.reason = reason


def without_alias(document: Any, family: str) -> Any:
    """The document with the reason under its own name; the same one where the alias is nowhere.

    What is no object stays as it is: the schema says what is wrong with it. Raises AliasConflict; KeyError for a
    family that takes no alias.
    """
    for place in PLACES[family]:
        document = _renamed(document, list(names(place)), place)
    return document


def _renamed(document: Any, steps: list[str], place: str) -> Any:
    if not isinstance(document, dict):
        return document
    if steps:
        name, *below = steps
        if name not in document:
            return document
        inner = _renamed(document[name], below, place)
        return document if inner is document[name] else {**document, name: inner}
    if ALIAS not in document:
        return document
    alias = document[ALIAS]
    if FIELD in document and document[FIELD] != alias:
        raise AliasConflict(f"{place}/{ALIAS}", alias=alias, reason=document[FIELD])
    return {**{name: value for name, value in document.items() if name != ALIAS}, FIELD: alias}
