"""One after the other: nothing that changes the working tree goes out together with anything else that looks at it."""

from collections.abc import Iterable
from dataclasses import replace

from dome_spec.planning.compose.primitives import Primitive


def in_turn(primitives: Iterable[Primitive]) -> tuple[Primitive, ...]:
    """The primitives in their order. A change waits for the change before it and for all that looked since.

    What looks waits for the change before it, and goes out with others that look.
    """
    changed: str | None = None
    looking: list[str] = []
    found = []
    for each in primitives:
        before = [changed] if changed is not None else []
        if each.changes:
            found.append(_after(each, [*before, *looking]))
            changed, looking = each.name, []
        else:
            found.append(_after(each, before))
            looking.append(each.name)
    return tuple(found)


def _after(primitive: Primitive, names: Iterable[str]) -> Primitive:
    links = primitive.links
    added = [name for name in names if name not in links.names]
    return replace(primitive, links=replace(links, after=(*links.after, *added))) if added else primitive
