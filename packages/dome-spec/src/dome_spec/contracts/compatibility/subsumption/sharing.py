"""Which definitions two documents share, so that one proof knows them by one label.

Two definitions are the same when they are written alike and all that they refer to is the same; the names they have do
not matter for what refers to itself, since references are compared by their text.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dome_spec.contracts.compatibility.definitions import target


def labels(first: Any, second: Any) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """For each document a label for each place that is referred to, and for the whole; equal labels for equal parts."""
    places = [_written(first), _written(second)]
    shared = {place for place, text in places[0].items() if places[1].get(place) == text}
    refers = {place: set(_references(target(first, place))) for place in shared}
    while True:
        kept = {place for place in shared if refers[place] <= shared}
        if kept == shared:
            break
        shared = kept
    return _named("first", places[0], shared), _named("second", places[1], shared)


def _named(side: str, places: Iterable[str], shared: set[str]) -> Mapping[str, str]:
    return {place: f"{'both' if place in shared else side}:{place}" for place in places}


def _written(document: Any) -> dict[str, str]:
    places = {"#", *_references(document)}
    found = {}
    for place in sorted(places):
        try:
            found[place] = json.dumps(target(document, place), sort_keys=True)
        except LookupError:
            continue  # Not a reference but data, in a `const` or an example: what is one was resolved before.
    return found


def _references(schema: Any) -> Iterator[str]:
    pending = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            reference = part.get("$ref")
            if isinstance(reference, str):
                yield reference
            pending.extend(part.values())
        elif isinstance(part, list):
            pending.extend(part)
