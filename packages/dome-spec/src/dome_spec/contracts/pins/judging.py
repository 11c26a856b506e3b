"""Whether the files of a pin do what the pin says of them: schemas are schemas, fixtures are judged as expected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from dome_contracts.schema.control.pin import FixtureVerdict, PinMember, PinRole
from dome_spec.contracts.compatibility import Schema
from dome_spec.contracts.pins import document
from dome_spec.contracts.pins.errors import MemberRefused, PinFault
from dome_spec.contracts.pins.reasons import reasons
from dome_spec.contracts.pins.schemas import accepts, json_of, schema_of

_BEHAVES: Final = "Look at what changed: the schema, or what is expected of it."


def behaviour(members: Sequence[PinMember], files: Mapping[str, bytes]) -> list[PinFault]:
    """Every member that is not what its role says, ordered by file. Members without a file are left to others."""
    present = [each for each in members if each.file in files]
    needed = files_of(present, files)
    found: list[PinFault] = []
    schemas: dict[str, Schema] = {}
    for each in present:
        try:
            if document.is_schema(each):
                schemas[each.name] = schema_of(each.file, needed)
            elif each.role is PinRole.REASON_SEMANTICS:
                reasons(json_of(files[each.file], each.file), each.file)
        except MemberRefused as refused:
            found.append(PinFault(each.file, refused.what, refused.remedy))
    found += _fixtures(present, schemas, files=files, named={each.name: each for each in members})
    return sorted(found, key=lambda fault: (fault.place, fault.what))


def files_of(members: Iterable[PinMember], files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of the schemas: what they may refer to."""
    return {each.file: files[each.file] for each in members if document.is_schema(each) and each.file in files}


def judged(fixture: PinMember, schema: Schema, data: bytes) -> FixtureVerdict:
    """What the schema says of a fixture. Raises MemberRefused."""
    return FixtureVerdict.ACCEPTED if accepts(schema, data, fixture.file) else FixtureVerdict.REFUSED


def _fixtures(
    present: Sequence[PinMember],
    schemas: Mapping[str, Schema],
    *,
    files: Mapping[str, bytes],
    named: Mapping[str, PinMember],
) -> Iterator[PinFault]:
    for each in present:
        if each.role is not PinRole.FIXTURE or each.of is None:
            continue
        if each.of not in named or not document.is_schema(named[each.of]):
            yield PinFault(each.file, f"it is a fixture of {each.of!r}, which is no schema of the pin", "Name one.")
        elif each.of in schemas:
            try:
                verdict = judged(each, schemas[each.of], files[each.file])
            except MemberRefused as refused:
                yield PinFault(each.file, refused.what, refused.remedy)
                continue
            if verdict is not each.expected:
                yield PinFault(each.file, f"{each.of} has {verdict} it, which was to be {each.expected}", _BEHAVES)
