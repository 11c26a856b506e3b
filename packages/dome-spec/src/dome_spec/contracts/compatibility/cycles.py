"""References that lead in a circle without reading any further in the document. For self-contained documents."""

from collections.abc import Iterator
from typing import Any, Final

from dome_spec.contracts.compatibility.definitions import target
from dome_spec.contracts.compatibility.pointers import token

_IN_PLACE_LISTS: Final = ("allOf", "anyOf", "oneOf")
_IN_PLACE: Final = ("not", "if")
_AFTER_IF: Final = ("then", "else")


def cycle(document: Any) -> list[str] | None:
    """The references of one circle, as places in the document, or None where there is none.

    A circle can only pass through what references lead to: the document itself and its definitions.
    """
    if not isinstance(document, dict):
        return None
    done: set[str] = set()
    for start in ("#", *(f"#/$defs/{name}" for name in document.get("$defs", ()))):
        if start not in done and (found := _from(start, document, done)):
            return found
    return None


def _from(start: str, document: dict[str, Any], done: set[str]) -> list[str] | None:
    trail = [(start, "", _references(target(document, start)))]
    on_trail = {start}
    while trail:
        here, _, references = trail[-1]
        for place, reference in references:
            if reference in on_trail:
                first = next(index for index, step in enumerate(trail) if step[0] == reference)
                return [*(step[1] for step in trail[first + 1 :]), f"{here}{place}"]
            if reference not in done:
                trail.append((reference, f"{here}{place}", _references(target(document, reference))))
                on_trail.add(reference)
                break
        else:
            trail.pop()
            on_trail.remove(here)
            done.add(here)
    return None


def _references(schema: Any) -> Iterator[tuple[str, str]]:
    """The references that apply to the same instance as the schema, each with its place below it."""
    stack = [("", schema)]
    while stack:
        place, node = stack.pop()
        if not isinstance(node, dict):
            continue
        if "$ref" in node:
            yield f"{place}/$ref", node["$ref"]
        for keyword in (*_IN_PLACE, *(_AFTER_IF if "if" in node else ())):
            if keyword in node:
                stack.append((f"{place}/{keyword}", node[keyword]))
        for keyword in _IN_PLACE_LISTS:
            stack.extend((f"{place}/{keyword}/{index}", item) for index, item in enumerate(node.get(keyword, ())))
        stack.extend(
            (f"{place}/dependentSchemas/{token(name)}", member)
            for name, member in node.get("dependentSchemas", {}).items()
        )
