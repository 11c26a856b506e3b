"""What became of pinned files where they come from: each change with the verdict of the compatibility engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.control.pin import PinMember, PinRendering, PinRole
from dome_spec.contracts.compatibility import Change, Direction, Schema, Verdict
from dome_spec.contracts.compatibility.values import worst
from dome_spec.contracts.pins import document
from dome_spec.contracts.pins.errors import MemberRefused
from dome_spec.contracts.pins.judging import files_of
from dome_spec.contracts.pins.reasons import changes as reason_changes
from dome_spec.contracts.pins.reasons import reasons
from dome_spec.contracts.pins.schemas import compared, json_of, schema_in, schema_of
from dome_spec.contracts.pins.store import Pinned
from dome_spec.contracts.pins.upstream import Upstream
from dome_spec.contracts.sources import SourceError, SourceNotFound
from dome_spec.contracts.sources.reading import read_set
from dome_spec.contracts.sources.trees import Tree

Kind = Literal["changed", "moved", "gone", "unreadable", "rendered"]
Against = Literal["upstream", "rendering"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChange:
    """What became of one member."""

    member: PinMember
    kind: Kind
    changes: tuple[Change, ...] = ()
    path: str = ""
    """Where its owner has it; empty where it is gone."""
    data: bytes = b""
    """The owner's bytes."""
    against: Against = "upstream"
    """Compared with what the owner had, or with our rendering of it, where the former is not to be had."""

    @property
    def verdict(self) -> Verdict:
        """The gravest of all changes."""
        return worst(change.verdict for change in self.changes)


def drift(pinned: Pinned, found: Upstream, paths: Mapping[str, str]) -> list[MemberChange]:
    """Every member that is not as it was pinned, in the order of the pin; `paths` says where moved ones are."""
    from_owner = [each for each in pinned.pin.members if each.upstream_path is not None]
    taken = {str(each.upstream_path) for each in from_owner}
    there = {each.name: _there(each, found, paths=paths, taken=taken, pinned=pinned) for each in from_owner}
    is_moved = any(digest_bytes(data) != each.upstream_digest for each in from_owner for _, data in there[each.name])
    changed = [_change(each, there[each.name], pinned=pinned, found=found, is_any=is_moved) for each in from_owner]
    return [each for each in changed if each is not None]


def finding(rule: str, verdict: Verdict, *, what: str, remedy: str) -> Change:
    """A change of a whole file, which no schema shows."""
    return Change(verdict=verdict, rule=rule, direction=Direction.BACKWARD, place="", what=what, remedy=remedy)


def _there(
    of: PinMember, found: Upstream, *, paths: Mapping[str, str], taken: set[str], pinned: Pinned
) -> list[tuple[str, bytes]]:
    """Path and bytes of a member at its owner's; nothing where it is gone."""
    path = paths.get(of.name, str(of.upstream_path))
    try:
        return [(path, found.tree.read(path))]
    except SourceNotFound:
        if of.name in paths:
            raise
    prefix = str(pinned.pin.source.prefix or "")
    same = [(each, found.tree.read(each)) for each in found.names(prefix) if each not in taken]
    moved = [(each, data) for each, data in same if digest_bytes(data) == of.upstream_digest]
    return moved if len(moved) == 1 else []


def _change(
    of: PinMember, there: list[tuple[str, bytes]], *, pinned: Pinned, found: Upstream, is_any: bool
) -> MemberChange | None:
    if not there:
        what = f"{of.upstream_path} is gone from the source."
        remedy = f"Say where it is with `--path {of.name}=PATH`, or do without it: an ADR, and `--adr NNNN`."
        gone = finding("member.gone", Verdict.INCOMPATIBLE, what=what, remedy=remedy)
        return MemberChange(member=of, kind="gone", changes=(gone,))
    ((path, data),) = there
    is_same = digest_bytes(data) == of.upstream_digest
    kind: Kind = "changed" if path == of.upstream_path else "moved"
    try:
        # What a schema refers to may have changed where it has not.
        told, against = _told(of, path, data, pinned=pinned, found=found) if is_any else ((), "upstream")
    except (MemberRefused, SourceError) as refused:
        unreadable = finding("member.unreadable", Verdict.INCOMPATIBLE, what=refused.what, remedy=refused.remedy)
        return MemberChange(member=of, kind="unreadable", changes=(unreadable,), path=path, data=data)
    if is_same and path == of.upstream_path and not told:
        return None
    return MemberChange(member=of, kind=kind, changes=told, path=path, data=data, against=against)


def _told(
    of: PinMember, path: str, data: bytes, *, pinned: Pinned, found: Upstream
) -> tuple[tuple[Change, ...], Against]:
    """What the engine says, and what it compared with."""
    if of.role is PinRole.FIXTURE:
        return (), "upstream"
    earlier = None if of.rendering is PinRendering.COPY else _earlier(of, pinned, found)
    against: Against = "upstream" if of.rendering is PinRendering.COPY or earlier is not None else "rendering"
    if against == "rendering" and digest_bytes(data) == of.upstream_digest:
        return (), "upstream"
    if document.is_schema(of):
        old = (
            partial(upstream_schema, earlier, str(of.upstream_path))
            if earlier is not None
            else partial(schema_of, of.file, files_of(pinned.pin.members, pinned.files))
        )
        return compared(old, partial(upstream_schema, found.tree, path)), against
    before = earlier.read(str(of.upstream_path)) if earlier is not None else pinned.files[of.file]
    old_reasons, new_reasons = (reasons(json_of(each, path), path) for each in (before, data))
    return tuple(reason_changes(old_reasons, new_reasons)), against


def _earlier(of: PinMember, pinned: Pinned, found: Upstream) -> Tree | None:
    """The owner's files as they were pinned, where the source still has these very bytes."""
    commit = pinned.pin.source.commit
    tree = found.earlier(str(commit)) if commit is not None else None
    try:
        is_it = tree is not None and digest_bytes(tree.read(str(of.upstream_path))) == of.upstream_digest
    except SourceNotFound:
        return None
    return tree if is_it else None


def upstream_schema(tree: Tree, path: str, definition: str = "") -> Schema:
    """A schema of a source, or a definition in it, with whatever it refers to. Raises MemberRefused, SourceError."""
    schemas = read_set(tree, path, name=path, origin=path, shown_prefix=path)
    (name,) = schemas.documents
    return schema_in(schemas, name, definition, path)
