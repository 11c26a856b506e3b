"""Lays the layers of the doctrine upon each other, field by field, and keeps where each field came from.

A later layer goes before an earlier one. It may give a whole document, or only the fields that it changes: objects are
merged, everything else is replaced. A field comes from the last layer that gives it; where another one gives it a
different value, a warning says so. Pure: sources are handed in as values. Laying is associative in values and origins,
and the order of files within a layer does not matter.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType
from typing import Any, Final, cast

from dome_contracts.schema.governance.directive import DoctrineKind
from dome_contracts.schema.governance.governance_context import DoctrineLayer
from dome_spec.governance.doctrine.kinds import KINDS, Address, Document
from dome_spec.governance.refusals import DoctrineAmbiguous, DoctrineMissing, DoctrineUnreadable
from dome_spec.kernel import DocumentInvalid, read_document
from dome_spec.kernel.json_pointer import pointer

Place = tuple[str, ...]
_LAYER_NAMES: Final = {DoctrineLayer.BUILT_IN: "Dome", DoctrineLayer.PROJECT: "the project"}
_SHOWN_CHARACTERS_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: a file of a layer, by its path within the layer and the digest of its bytes."""

    layer: DoctrineLayer
    path: str
    digest: str


@dataclass(frozen=True, slots=True)
class Source:
    """One file of one layer, parsed."""

    kind: DoctrineKind
    origin: Origin
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Collision:
    """Two layers give a field different values."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A document after all layers, not yet judged by its schema."""

    value: Mapping[str, Any]
    origin: Origin
    """Where all fields came from that are not named."""
    fields: Mapping[Place, Origin]
    collisions: tuple[Collision, ...]


class Doctrine:
    """All documents after all layers. A document is judged by its schema when it is asked for."""

    def __init__(self, items: Mapping[Address, Item]) -> None:
        self._items = items
        self._documents: dict[Address, Document] = {}

    def __contains__(self, address: Address) -> bool:
        return address in self._items

    def ids(self, kind: DoctrineKind) -> tuple[str, ...]:
        """The ids of one kind, sorted."""
        return tuple(sorted(name for each, name in self._items if each is kind))

    def item(self, address: Address) -> Item:
        """A document with where it came from. Raises DoctrineMissing."""
        try:
            return self._items[address]
        except KeyError:
            kind, name = address
            there = ", ".join(self.ids(kind)) or "none"
            raise DoctrineMissing(
                f"There is no {_words(kind)} {name!r} in the doctrine",
                hint=f"There are: {there}. A file in `{KINDS[kind].folder}` of the doctrine folder adds one",
            ) from None

    def document(self, address: Address) -> Document:
        """A document as a value of its model. Raises DoctrineMissing, DoctrineUnreadable."""
        item = self.item(address)
        if address in self._documents:
            return self._documents[address]
        try:
            return self._documents.setdefault(
                address, cast("Document", read_document(KINDS[address[0]].model, item.value))
            )
        except DocumentInvalid as error:
            raise DoctrineUnreadable(
                f"{item.origin.path} of {_LAYER_NAMES[item.origin.layer]} is no {_words(address[0])}",
                why=error.why,
                hint=error.hint,
            ) from error


def lay(sources: Iterable[Source]) -> Doctrine:
    """The doctrine that these files make, the built-in ones first. Raises DoctrineAmbiguous, DoctrineUnreadable."""
    files: dict[Address, dict[DoctrineLayer, Source]] = {}
    for source in sources:
        name = source.value.get("id")
        if not isinstance(name, str):
            raise DoctrineUnreadable(f"{source.origin.path} has no id", hint="Give it a field `id`")
        given = files.setdefault((source.kind, name), {})
        if source.origin.layer in given:
            both = " and ".join(sorted((given[source.origin.layer].origin.path, source.origin.path)))
            raise DoctrineAmbiguous(f"{both} both are the {_words(source.kind)} {name!r}", hint="Remove or rename one")
        given[source.origin.layer] = source
    return Doctrine(
        MappingProxyType(
            {
                address: reduce(over, [item_of(given[layer]) for layer in DoctrineLayer if layer in given])
                for address, given in files.items()
            }
        )
    )


def item_of(source: Source) -> Item:
    """The document of one file alone."""
    return Item(value=source.value, origin=source.origin, fields=MappingProxyType({}), collisions=())


def over(lower: Item, upper: Item) -> Item:
    """One document laid upon another. Associative."""
    value, fields, collisions = dict(lower.value), dict(lower.fields), list(lower.collisions)
    for place, new in _leaves(upper.value):
        origin = upper.fields.get(place, upper.origin)
        old = _at(lower.value, place)
        if old is not _ABSENT and old != new:
            was = lower.fields.get(place, lower.origin)
            text = _collision_text(old, new, was=was, holds=origin)
            collisions.append(Collision(place=place, text=text))
        fields = {each: given for each, given in fields.items() if not _is_within(each, place)}
        fields[place] = origin
        value = _with(value, place, new)
    collisions += upper.collisions
    return Item(
        value=value,
        origin=lower.origin,
        fields=MappingProxyType(fields),
        collisions=tuple(collisions),
    )


_ABSENT: Final = object()


def _leaves(value: Mapping[str, Any], place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every field that is no object with fields of its own."""
    for name, each in value.items():
        if isinstance(each, Mapping) and each:
            yield from _leaves(each, (*place, name))
        else:
            yield (*place, name), each


def _at(value: Any, place: Place) -> Any:
    for name in place:
        if not isinstance(value, Mapping) or name not in value:
            return _ABSENT
        value = value[name]
    return value


def _with(value: Mapping[str, Any], place: Place, new: Any) -> dict[str, Any]:
    name, *rest = place
    if not rest:
        return {**value, name: new}
    inner = value.get(name)
    return {**value, name: _with(inner if isinstance(inner, Mapping) else {}, tuple(rest), new)}


def _is_within(one: Place, other: Place) -> bool:
    """Whether one of the two places lies within the other."""
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def _collision_text(old: Any, new: Any, *, was: Origin, holds: Origin) -> str:
    there, here = _LAYER_NAMES[was.layer], _LAYER_NAMES[holds.layer]
    said = f"says {_shown(new)} where {there} says {_shown(old)}"
    return f"{here[0].upper()}{here[1:]} {said}; {_shown(new)} holds."


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN_CHARACTERS_MAX else f"{line[:_SHOWN_CHARACTERS_MAX]}..."


def field_pointer(place: Place) -> str:
    """The place as a JSON pointer."""
    return pointer(place)


def _words(kind: DoctrineKind) -> str:
    return kind.value.replace("_", " ")
