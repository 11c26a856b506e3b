"""Moves a pin to another state of its source: says what that does to consumers, and refuses what nobody decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from dome_contracts.schema.control.pin import Pin, PinMember, PinRendering, PinRole
from dome_spec.contracts.baseline.blessing import decision_exists
from dome_spec.contracts.compatibility import Change, Verdict
from dome_spec.contracts.layout import Layout
from dome_spec.contracts.pins import document, fixtures, migration, store
from dome_spec.contracts.pins.adding import read_rendering
from dome_spec.contracts.pins.drift import MemberChange, drift
from dome_spec.contracts.pins.errors import MemberRefused, PinBroken
from dome_spec.contracts.pins.judging import behaviour
from dome_spec.contracts.pins.store import Pinned
from dome_spec.contracts.pins.succession import succeeded, with_renderings, with_turned
from dome_spec.contracts.pins.upstream import Upstream, normal, upstream
from dome_spec.contracts.pins.verify import bytes_faults

_BREAKS: Final = frozenset({Verdict.INCOMPATIBLE, Verdict.UNDECIDED})
_ADR: Final = "Decide it in docs/adr/NNNN-title.md (who is left behind, and why), and name it: `--adr NNNN`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Updating:
    """What is to be moved, and the words for it."""

    bundle: str
    source: str
    version: str = ""
    adr: str = ""
    paths: Mapping[str, str] = field(default_factory=dict)
    """Where the owner has members that it moved."""
    renderings: Mapping[str, Path] = field(default_factory=dict)
    """Other renderings of members that are our own."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the pin is not moved, and what to do."""

    member: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What an update does. While something is refused, nothing is written."""

    before: Pin
    after: Pin
    contents: Mapping[str, bytes]
    changes: tuple[MemberChange, ...]
    refused: tuple[Refusal, ...] = ()
    adr: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether the pin is as the source is."""
        return document.encode(self.before) == document.encode(self.after)


def prepare(layout: Layout, asked: Updating, directory: Path) -> Update:
    """What would be done. Writes nothing. Raises PinError, SourceError, VcsError."""
    pinned = store.load(layout, asked.bundle)
    if faults := bytes_faults(layout, pinned):
        raise PinBroken(asked.bundle, faults)
    _check_names(pinned, asked)
    with upstream(asked.source, directory) as found:
        paths = {name: normal(path) for name, path in asked.paths.items()}
        changes = drift(pinned, found, paths)
        source = _source(pinned.pin, found)
    renderings = {name: read_rendering(path) for name, path in asked.renderings.items()}
    changes = with_renderings(pinned, changes, renderings)
    members, contents = succeeded(pinned, changes, renderings)
    members += fixtures.added({**pinned.files, **contents}, [*pinned.pin.members, *members])
    contents |= {each.file: pinned.files[each.file] for each in members if each.file not in contents}
    faults = behaviour([each for each in members if each.role is not PinRole.FIXTURE], contents)
    if not members or faults:
        return _refused(pinned, asked, changes, [Refusal(each.place, each.what, each.remedy) for each in faults])
    members, contents, turned = with_turned(members, contents)
    changes += turned
    update = Update(
        before=pinned.pin,
        after=_pin(pinned.pin, members, source=source, version=asked.version),
        contents=contents,
        changes=tuple(changes),
        adr=asked.adr,
    )
    return replace(update, refused=tuple(_demands(layout, asked, changes)))


def carry_out(layout: Layout, update: Update) -> None:
    """Write the pin and its migration note. Nothing where something was refused, or where nothing changed."""
    if update.refused:
        raise ValueError("an update with refusals is not carried out")
    if update.is_empty:
        return
    path = layout.migrations / f"{update.after.bundle}.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    note = migration.section(update.before, update.after, update.changes, adr=update.adr)
    store.write(
        layout, update.after, update.contents, note=(path, migration.with_section(text, update.after.bundle, note))
    )


def _check_names(pinned: Pinned, asked: Updating) -> None:
    members = {each.name: each for each in pinned.pin.members}
    for name in (*asked.paths, *asked.renderings):
        if name not in members:
            raise MemberRefused(f"{name!r} is no member of {asked.bundle}", f"Name one of {', '.join(members)}.")
    for name in asked.renderings:
        if members[name].rendering is not PinRendering.OWN or members[name].role is PinRole.FIXTURE:
            raise MemberRefused(f"{name!r} is no rendering of ours", "Only `own` schemas and catalogues have one.")


def _source(pin: Pin, found: Upstream) -> dict[str, Any]:
    kept = {name: value for name, value in pin.source.to_value().items() if name != "commit"}
    return {**kept, "kind": found.kind.value, **({"commit": found.commit} if found.commit else {})}


def _pin(before: Pin, members: list[PinMember], *, source: Mapping[str, Any], version: str) -> Pin:
    value = before.to_value() | {"source": dict(source), "version": version or before.version}
    value["members"] = sorted((each.to_value() for each in members), key=lambda each: str(each["name"]))
    document.check(value, document.FILE)
    return Pin.from_value(value)


def _demands(layout: Layout, asked: Updating, changes: Iterable[MemberChange]) -> Iterable[Refusal]:
    if asked.adr and not decision_exists(layout, asked.adr):
        yield Refusal(f"--adr {asked.adr}", f"there is no docs/adr/{asked.adr}-*.md", _ADR)
    for each in changes:
        for change in each.changes:
            if each.kind == "unreadable":
                yield Refusal(each.member.name, change.what, change.remedy)
            elif change.verdict in _BREAKS and not asked.adr:
                yield Refusal(each.member.name, _why(change), _remedy(change))


def _why(change: Change) -> str:
    return f"{change.verdict}: {change.what.rstrip('.')}"


def _remedy(change: Change) -> str:
    return f"{change.remedy} {_ADR}" if change.rule == "member.gone" else _ADR


def _refused(pinned: Pinned, asked: Updating, changes: list[MemberChange], refused: list[Refusal]) -> Update:
    """An update that leads to no pin at all."""
    remedy = "Take the folder of the pin away, if that is meant."
    nothing = Refusal(asked.bundle, "nothing of the bundle is left", remedy)
    return Update(
        before=pinned.pin,
        after=pinned.pin,
        contents=pinned.files,
        changes=tuple(changes),
        refused=tuple(refused) or (nothing,),
        adr=asked.adr,
    )
