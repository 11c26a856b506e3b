"""The members that follow those of a pin, with their files: what changed at their owner's, and what we render anew."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.control.pin import PinMember, PinRendering
from dome_spec.contracts.compatibility import Change, Verdict
from dome_spec.contracts.pins import document
from dome_spec.contracts.pins.drift import MemberChange, finding
from dome_spec.contracts.pins.fixtures import turned
from dome_spec.contracts.pins.judging import files_of
from dome_spec.contracts.pins.reasons import changes as reason_changes
from dome_spec.contracts.pins.reasons import reasons
from dome_spec.contracts.pins.schemas import compared, json_of, schema_of
from dome_spec.contracts.pins.store import Pinned
from dome_spec.contracts.pins.upstream import below


def with_renderings(
    pinned: Pinned, changes: Sequence[MemberChange], renderings: Mapping[str, bytes]
) -> list[MemberChange]:
    """The changes, with what other renderings of ours do to consumers. Raises MemberRefused."""
    found = {each.member.name: each for each in changes}
    for each in pinned.pin.members if renderings else ():
        told = _rendered(each, pinned, renderings)
        if told or each.name in renderings:
            unknown = MemberChange(member=each, kind="rendered", path=str(each.upstream_path or ""))
            known = found.get(each.name, unknown)
            found[each.name] = replace(known, changes=(*known.changes, *told))
    return list(found.values())


def succeeded(
    pinned: Pinned, changes: Sequence[MemberChange], renderings: Mapping[str, bytes]
) -> tuple[list[PinMember], dict[str, bytes]]:
    """The members and their files as they would be; what is gone, and its fixtures, are not among them."""
    found = {each.member.name: each for each in changes}
    gone = {name for name, each in found.items() if each.kind == "gone"}
    prefix = str(pinned.pin.source.prefix or "")
    members: list[PinMember] = []
    contents: dict[str, bytes] = {}
    for each in pinned.pin.members:
        if each.name in gone or each.of in gone:
            continue
        change = found.get(each.name)
        fields, data = each.to_value(), renderings.get(each.name, pinned.files[each.file])
        if change is not None and change.data:
            fields |= {"upstream_path": change.path, "upstream_digest": digest_bytes(change.data)}
            if each.rendering is PinRendering.COPY:
                fields["file"], data = below(change.path, prefix), change.data
        members.append(PinMember.from_value({**fields, "digest": digest_bytes(data)}))
        contents[str(members[-1].file)] = data
    return members, contents


def with_turned(
    members: Sequence[PinMember], contents: Mapping[str, bytes]
) -> tuple[list[PinMember], dict[str, bytes], list[MemberChange]]:
    """The same with every fixture as its schema judges it, and the changes that this is. Raises MemberRefused."""
    other = {each.name: each for each in turned(members, contents)}
    files = {other.get(each.name, each).file: contents[each.file] for each in members}
    changes = [_turned(each, other[each.name]) for each in members if each.name in other]
    return [other.get(each.name, each) for each in members], files, changes


def _rendered(of: PinMember, pinned: Pinned, renderings: Mapping[str, bytes]) -> tuple[Change, ...]:
    """What becomes of one member, whose own rendering changes, or another one that it refers to."""
    members = pinned.pin.members
    after = {each.file: renderings.get(each.name, pinned.files[each.file]) for each in members}
    if document.is_schema(of):
        old, new = (partial(schema_of, of.file, files_of(members, files)) for files in (pinned.files, after))
        return compared(old, new)
    if of.name not in renderings:
        return ()
    before, then = (reasons(json_of(files[of.file], of.file), of.file) for files in (pinned.files, after))
    return tuple(reason_changes(before, then))


def _turned(before: PinMember, after: PinMember) -> MemberChange:
    what = f"The fixture is {after.expected} by {after.of}, and was {before.expected}."
    change = finding("fixture.judged", Verdict.INCOMPATIBLE, what=what, remedy="Mend what writes or reads the like.")
    return MemberChange(member=before, kind="changed", changes=(change,))
