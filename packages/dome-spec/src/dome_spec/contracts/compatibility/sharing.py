"""Which definitions two self-contained documents share, so that what is known of one holds for the other.

Two definitions are the same when they are written alike and all that they refer to is the same; the names they have do
not matter for what refers to itself, since references are compared by their text.
"""

import json
from collections.abc import Iterator
from typing import Any

from dome_spec.contracts.compatibility.definitions import target


def shared(first: Any, second: Any) -> frozenset[str]:
    """The references that lead to the same in both documents, `#` never being one of them."""
    texts, others = _written(first), _written(second)
    referring: dict[str, list[str]] = {}
    for place in texts:
        for reference in references(target(first, place)):
            referring.setdefault(reference, []).append(place)
    # What refers to something that differs differs itself.
    differing = [place for place in referring | texts if place not in texts or texts[place] != others.get(place)]
    found = set(differing)
    while differing:
        for place in referring.get(differing.pop(), ()):
            if place not in found:
                found.add(place)
                differing.append(place)
    return frozenset(texts.keys() - found)


def references(schema: Any) -> Iterator[str]:
    """The references in a schema; what is only data and looks like one is among them."""
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


def _written(document: Any) -> dict[str, str]:
    """Each definition that is referred to, as text. The whole is none: it differs, or nobody asks."""
    found = {}
    for place in sorted({*references(document)} - {"#"}):
        try:
            found[place] = json.dumps(target(document, place), sort_keys=True)
        except LookupError:
            continue  # Not a reference but data, in a `const` or an example: what is one was resolved before.
    return found
