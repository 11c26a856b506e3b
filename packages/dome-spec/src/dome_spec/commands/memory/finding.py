"""Finds a capsule by what people type of its id."""

from typing import Final

from dome_contracts.canonical import PREFIX
from dome_contracts.exit_codes import Exit
from dome_spec.binding import Learnt, Memory
from dome_spec.kernel import Refusal

_BEGINNING_MIN: Final = 4
_SHOWN_MAX: Final = 5


class CapsuleUnknown(Refusal):
    """No capsule has this id."""

    code = "CAPSULE_NOT_FOUND"
    exit_code = Exit.NOT_FOUND


class CapsuleAmbiguous(Refusal):
    """Several capsules have an id that begins so."""

    code = "ID_AMBIGUOUS"
    exit_code = Exit.USAGE


def find_capsule(memory: Memory, wanted: str) -> Learnt:
    """The capsule with this id, or the beginning of it. Raises CapsuleUnknown, CapsuleAmbiguous."""
    beginning = wanted.removeprefix(PREFIX)
    is_long = len(beginning) >= _BEGINNING_MIN
    found = memory.capsule_ids(f"{PREFIX}{beginning}", limit=_SHOWN_MAX) if is_long else ()
    if len(found) > 1:
        raise CapsuleAmbiguous(f"Several capsules have an id that begins with {wanted!r}", hint="Say more of it")
    learnt = memory.learnt(found[0]) if found else None
    if learnt is None:
        why = "" if is_long else f"an id has at least {_BEGINNING_MIN} characters"
        raise CapsuleUnknown(
            f"No capsule has the id {wanted!r}", why=why, hint="`dome memory capsules` names what is there"
        )
    return learnt
