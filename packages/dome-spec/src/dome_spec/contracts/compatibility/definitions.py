"""What the references of a self-contained document lead to. Knows no other documents."""

from typing import Any

from dome_spec.contracts.compatibility.pointers import parts


def target(document: Any, reference: str) -> Any:
    """The schema that a reference of a self-contained document leads to. Raises LookupError where there is none."""
    found = document
    for part in parts(reference.removeprefix("#")):
        try:
            found = found[int(part)] if isinstance(found, list) else found[part]
        except (TypeError, ValueError):
            raise LookupError(reference) from None
    return found
