"""Who gives a command: an effector as words, as the environment names it, or else the person who is logged in."""

import os
import pwd
import re
from argparse import Namespace
from collections.abc import Mapping
from typing import Final

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.shared.definitions import Accountable, Effector, EffectorKind
from dome_spec.commands.mission.arguments import FORM, VARIABLE
from dome_spec.commands.verb import UsageWrong
from dome_spec.kernel import DocumentInvalid, Refusal, read_document

_ID: Final = re.compile(r"[!-~]{1,128}")
_FIELDS: Final[Mapping[str, str]] = {"role": "role", "profile": "profile_ref", "tool": "tool", "model": "model"}


class PersonNeeded(Refusal):
    """Only a person decides this, and none is named."""

    code = "PERSON_NEEDED"
    exit_code = Exit.USAGE


def effector_of(arguments: Namespace, environ: Mapping[str, str]) -> Effector:
    """Who acts. Raises UsageWrong."""
    text = getattr(arguments, "acting", None) or environ.get(VARIABLE, "")
    if text:
        return parsed(text)
    user = _user(environ)
    return Effector(kind=EffectorKind.HUMAN, id=_id(user, f"who acts is not said with --as, and {user!r} is no id"))


def parsed(text: str) -> Effector:
    """The effector of `kind:id[,field=value]`. Raises UsageWrong."""
    head, *rest = text.split(",")
    kind, colon, name = head.partition(":")
    fields = [each.partition("=") for each in rest]
    unknown = [field for field, _, _ in fields if field not in _FIELDS]
    if not colon or unknown or not all(value for _, _, value in fields):
        raise UsageWrong(f"{text!r} names no effector: write {FORM}, such as llm:agent-1,profile=implementer")
    value = {"kind": kind, "id": name, **{_FIELDS[field]: given for field, _, given in fields}}
    try:
        return read_document(Effector, value)
    except DocumentInvalid as error:
        faults = "; ".join(f"{each.place or 'it'}: {each.message}" for each in error.violations)
        raise UsageWrong(f"{text!r} names no effector: {faults}") from error


def named_person(name: str, option: str) -> Accountable:
    """The person of that id. Raises UsageWrong."""
    return Accountable(kind="human", id=_id(name, f"{option} {name!r}"))


def _id(name: str, told: str) -> str:
    if _ID.fullmatch(name) is None:
        raise UsageWrong(f"{told}: an id has at most 128 characters of ASCII and no blanks, such as ada")
    return name


def written(effector: Effector) -> str:
    """The effector as `--as` takes it."""
    given = ((field, getattr(effector, attribute)) for field, attribute in _FIELDS.items())
    return ",".join([f"{effector.kind.value}:{effector.id}", *(f"{field}={each}" for field, each in given if each)])


def accountable(effector: Effector, otherwise: Accountable | None) -> Accountable:
    """The person who answers for what is done: who acts, else the one who answers anyway. Raises PersonNeeded."""
    if effector.kind is EffectorKind.HUMAN:
        return Accountable(kind="human", id=effector.id)
    if otherwise is None:
        raise PersonNeeded(
            "Nobody answers for this",
            why=f"{effector.kind.value} {effector.id} is no person",
            hint="Name one with `--accountable ID`",
        )
    return otherwise


def person(effector: Effector, what: str) -> Accountable:
    """The person who acts, where nobody else may. Raises PersonNeeded."""
    if effector.kind is not EffectorKind.HUMAN:
        raise PersonNeeded(
            f"{what} is for a person to decide",
            why=f"{effector.kind.value} {effector.id} is none",
            hint="Let the accountable person do it: `--as human:ID`",
        )
    return Accountable(kind="human", id=effector.id)


def _user(environ: Mapping[str, str]) -> str:
    named = environ.get("USER") or environ.get("LOGNAME")
    try:
        return named or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a user without a name
        return f"uid-{os.getuid()}"
