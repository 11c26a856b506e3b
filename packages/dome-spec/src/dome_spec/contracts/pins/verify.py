"""Whether pins are what was pinned: bytes, behaviour, reasons and words. Repairs nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.control.pin import PinRendering, PinRole
from dome_spec.contracts.layout import Layout
from dome_spec.contracts.pins import document, store
from dome_spec.contracts.pins.errors import MemberRefused, PinError, PinFault
from dome_spec.contracts.pins.judging import behaviour
from dome_spec.contracts.pins.mapping import catalogue, mapping_faults
from dome_spec.contracts.pins.reasons import reasons
from dome_spec.contracts.pins.schemas import json_of
from dome_spec.contracts.pins.store import Pinned
from dome_spec.contracts.pins.vocabularies import NoWords, vocabulary_faults
from dome_spec.kernel.yaml_text import NotYaml

_BY_HAND: Final = "Put it back (`git checkout -- {}`), and move it with `dome contracts pin update`."


def pin_faults(root: Path) -> list[PinFault]:
    """Every fault of every pin of a repository, ordered by place. One without pins has none."""
    layout = Layout(root)
    found = [fault for bundle in store.bundles(layout) for fault in faults(layout, bundle)]
    for folder in sorted(path for path in layout.pins.glob("[!.]*") if not (path / document.FILE).is_file()):
        if folder.name != "README.md":
            place = folder.relative_to(root).as_posix()
            found.append(PinFault(place, f"it has no {document.FILE}", "Pin it, or take it away."))
    return sorted(found, key=lambda fault: (fault.place, fault.what))


def faults(layout: Layout, bundle: str) -> list[PinFault]:
    """Every fault of one pin, its places seen from the root. Raises PinNotFound."""
    if bundle not in store.bundles(layout):
        store.load(layout, bundle)  # says which there are
    try:
        pinned = store.load(layout, bundle)
    except PinError as error:
        return [PinFault(store.place(layout, bundle), error.what, error.remedy)]
    found = [*_bytes(layout, pinned), *_unlisted(layout, pinned)]
    found += [_below(layout, bundle, fault) for fault in behaviour(pinned.pin.members, pinned.files)]
    return [*found, *_words(layout, pinned), *_mapping(layout, pinned)]


def bytes_faults(layout: Layout, pinned: Pinned) -> list[PinFault]:
    """Files that are gone or not what was pinned, and files that no member names; own fixtures may be added."""
    fixtures = f"{document.FIXTURES}/"
    unlisted = [each for each in _unlisted(layout, pinned) if f"/{fixtures}" not in each.place]
    return [*_bytes(layout, pinned), *unlisted]


def _bytes(layout: Layout, pinned: Pinned) -> Iterator[PinFault]:
    for each in pinned.pin.members:
        place = store.place(layout, pinned.pin.bundle, each.file)
        remedy = _BY_HAND.format(place)
        if each.file not in pinned.files:
            yield PinFault(place, "it was pinned, and is gone", remedy)
        elif digest_bytes(pinned.files[each.file]) != each.digest:
            yield PinFault(place, "it is not what was pinned: it was edited by hand", remedy)
        if each.rendering is PinRendering.COPY and each.digest != each.upstream_digest:
            what = f"{each.name} is a copy, and its digest is not the owner's"
            by_hand = "Put the pin back: digests are not written by hand."
            yield PinFault(store.place(layout, pinned.pin.bundle), what, by_hand)


def _unlisted(layout: Layout, pinned: Pinned) -> Iterator[PinFault]:
    named = {each.file for each in pinned.pin.members}
    for file in sorted(pinned.files.keys() - named):
        remedy = f"Take it away; a fixture of our own is taken up by `dome contracts pin update {pinned.pin.bundle}`."
        yield PinFault(store.place(layout, pinned.pin.bundle, file), "no member of the pin names it", remedy)


def _below(layout: Layout, bundle: str, fault: PinFault) -> PinFault:
    return PinFault(store.place(layout, bundle, fault.place), fault.what, fault.remedy)


def _words(layout: Layout, pinned: Pinned) -> Iterator[PinFault]:
    files = {each.name: each.file for each in pinned.pin.members}

    def member(name: str) -> Any:
        if files.get(name) not in pinned.files:
            raise NoWords(f"there is no member {name!r}")
        try:
            return json_of(pinned.files[files[name]], files[name])
        except MemberRefused as error:
            raise NoWords(error.what) from error

    def family(name: str) -> Any:
        context, _, stem = name.partition("/")
        path = layout.schemas / context / "v1" / f"{stem}.json"
        if not path.is_file():
            raise NoWords(f"there is no family {name!r}")
        return json.loads(path.read_bytes())

    for each in pinned.pin.vocabularies or ():
        for fault in vocabulary_faults(each, pinned=member, ours=family):
            yield PinFault(f"{store.place(layout, pinned.pin.bundle)}{fault.place}", fault.what, fault.remedy)


def _mapping(layout: Layout, pinned: Pinned) -> list[PinFault]:
    codes: set[str] = set()
    for each in pinned.pin.members:
        if each.role is PinRole.REASON_SEMANTICS and each.file in pinned.files:
            try:
                codes |= reasons(json_of(pinned.files[each.file], each.file), each.file).classes.keys()
            except MemberRefused:
                return []  # told of the member itself
    try:
        found = catalogue(layout)
    except NotYaml as error:
        return [PinFault(layout.reasons.relative_to(layout.root).as_posix(), str(error), "Mend the file.")]
    return [] if found is None else [*mapping_faults(found, pinned.pin.bundle, frozenset(codes))]
