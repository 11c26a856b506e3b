"""Fixtures of our own: documents that people write beside the schemas of a pin, to show how these judge.

They lie in `fixtures/<member>/<accepted|refused>/*.json` and only grow: to say something else, write another one.
"""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

from dome_contracts.canonical import digest_bytes
from dome_contracts.schema.control.pin import FixtureVerdict, PinMember, PinRendering, PinRole
from dome_spec.contracts.pins import document
from dome_spec.contracts.pins.errors import MemberRefused
from dome_spec.contracts.pins.judging import files_of, judged
from dome_spec.contracts.pins.schemas import schema_of
from dome_spec.contracts.pins.wanted import check_name, slug

_FORM: Final = "Put it at fixtures/<member>/<accepted|refused>/<name>.json."


def added(files: Mapping[str, bytes], members: Sequence[PinMember]) -> list[PinMember]:
    """The fixtures that lie there and that no member names. Raises MemberRefused for a file in another place."""
    named = {each.file for each in members}
    found = [_fixture(file, files[file]) for file in sorted(files.keys() - named)]
    schemas = {each.name for each in members if document.is_schema(each)}
    for each in found:
        if each.of not in schemas:
            raise MemberRefused(f"{each.file} is a fixture of {each.of!r}, which is no schema of the pin", _FORM)
    return found


def turned(members: Sequence[PinMember], files: Mapping[str, bytes]) -> list[PinMember]:
    """The fixtures that the schemas judge otherwise than expected, as they would have to be. Raises MemberRefused."""
    needed, named = files_of(members, files), {each.name: each for each in members}
    found: list[PinMember] = []
    for each in members:
        if each.role is PinRole.FIXTURE and each.of in named and document.is_schema(named[each.of]):
            verdict = judged(each, schema_of(named[each.of].file, needed), files[each.file])
            if verdict is not each.expected:
                found.append(each.model_copy(update={"expected": verdict, "file": _turned_file(each, verdict)}))
    return found


def _fixture(file: str, data: bytes) -> PinMember:
    match PurePosixPath(file).parts:
        case [document.FIXTURES, of, ("accepted" | "refused") as expected, name] if name.endswith(".json"):
            check_name(of)
            own = f"{of}-{slug(name)}"
            check_name(own)
        case _:
            raise MemberRefused(f"{file} is no file of the pin and no fixture", f"Take it away. {_FORM}")
    return document.member(
        name=own,
        role=PinRole.FIXTURE,
        file=file,
        digest=digest_bytes(data),
        rendering=PinRendering.OWN,
        of=of,
        expected=expected,
    )


def _turned_file(of: PinMember, verdict: FixtureVerdict) -> str:
    """The folder of an own fixture says how it is judged; a copied one stays where its owner has it."""
    if of.rendering is PinRendering.COPY:
        return of.file
    *folders, _, name = PurePosixPath(of.file).parts
    return "/".join((*folders, verdict, name))
