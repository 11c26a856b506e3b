"""What is to be pinned, as the command line says it: `NAME=ROLE:PATH`, or every schema of a source."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from dome_contracts.schema.control.pin import FixtureVerdict, PinRole
from dome_spec.contracts.pins.errors import MemberRefused, SourceUnusable
from dome_spec.contracts.pins.upstream import Upstream, below
from dome_spec.contracts.sources import SourceError
from dome_spec.contracts.sources.recognition import is_schema
from dome_spec.kernel import NotJson, read_json

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SLUG_LENGTH_MAX: Final = 64
_FORM: Final = "Write NAME=ROLE:PATH, or NAME=fixture:MEMBER:accepted:PATH."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One file that is to be pinned; its path begins at the prefix."""

    name: str
    role: PinRole
    path: str
    of: str | None = None
    expected: FixtureVerdict | None = None


def wanted(word: str) -> Wanted:
    """The file that a word asks for. Raises MemberRefused."""
    name, equals, rest = word.partition("=")
    role_name, colon, place = rest.partition(":")
    if not equals or not colon or not place:
        raise MemberRefused(f"{word!r} names no file to pin", _FORM)
    check_name(name)
    if role_name not in set(PinRole):
        raise MemberRefused(f"{role_name!r} is no role", f"Write one of {', '.join(PinRole)}.")
    role = PinRole(role_name)
    if role is not PinRole.FIXTURE:
        return Wanted(name=name, role=role, path=place)
    of, _, judgement = place.partition(":")
    expected, _, path = judgement.partition(":")
    if expected not in set(FixtureVerdict) or not path:
        what = f"{word!r} does not say what its schema says of the fixture"
        raise MemberRefused(what, "Write NAME=fixture:MEMBER:accepted:PATH, or `refused`.")
    return Wanted(name=name, role=role, path=path, of=of, expected=FixtureVerdict(expected))


def check_name(name: str) -> None:
    """Raises MemberRefused for what is no name of a member or bundle."""
    if not _SLUG.fullmatch(name) or len(name) > _SLUG_LENGTH_MAX:
        what = f"{name!r} is no name for it"
        raise MemberRefused(
            what, f"A name has lower-case words joined by dashes, at most {_SLUG_LENGTH_MAX} characters."
        )


def every_schema(found: Upstream, prefix: str) -> list[Wanted]:
    """Each schema below the prefix, named after its file. Raises SourceUnusable where there is none."""
    paths = [path for path in found.names(prefix) if _is_schema(found, path)]
    if not paths:
        place = prefix or "the source"
        raise SourceUnusable(
            f"there is no schema in {place}", "Name the folder that holds the schemas with `--prefix`."
        )
    inside = [below(path, prefix) for path in paths]
    stems = [slug(PurePosixPath(path).name) for path in inside]
    names = [stem if stems.count(stem) == 1 else slug(path) for stem, path in zip(stems, inside, strict=True)]
    for name in names:
        check_name(name)
    return [Wanted(name=name, role=PinRole.SCHEMA, path=path) for name, path in zip(names, inside, strict=True)]


def slug(path: str) -> str:
    """A name made from a file's: without what all schemas are called."""
    stem = re.sub(r"(\.schema)?\.json(schema)?$", "", path.lower())
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-")


def pairs(words: Iterable[str], form: str) -> dict[str, str]:
    """`NAME=VALUE` words. Raises MemberRefused."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not value or name in found:
            raise MemberRefused(f"{word!r} is not understood, or stands there twice", f"Write {form}.")
        found[name] = value
    return found


def _is_schema(found: Upstream, path: str) -> bool:
    try:
        return is_schema(read_json(found.tree.read(path)))
    except (NotJson, SourceError):
        return False
