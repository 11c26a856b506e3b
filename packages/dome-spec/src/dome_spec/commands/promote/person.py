"""Who answers for a promotion: the person at the command. What says of itself that it is none, is not heard as one.

A person has seen what is answered: by its digest, or on the terminal where the answer is then typed.
"""

import sys
from typing import TYPE_CHECKING, Final

from dome_contracts.schema.shared.definitions import Effector, EffectorKind
from dome_spec.commands.surroundings import Surroundings, this_person
from dome_spec.kernel import Refusal

if TYPE_CHECKING:
    from dome_spec.commands.console import Console

EFFECTOR: Final = "DOME_EFFECTOR"
"""The variable in which a model or a program says who acts."""


class PersonNeeded(Refusal):
    """Only a person answers to this."""

    code = "PERSON_NEEDED"


def person_of(scene: Surroundings) -> Effector:
    """The person who gives the command. Raises PersonNeeded for a job, and for who names another kind of effector."""
    if scene.job_id:
        raise _needed(f"this command is part of the job {scene.job_id}", "Give it at a terminal of your own")
    acting = scene.environ.get(EFFECTOR, "")
    kind, _, rest = acting.partition(":")
    if acting and kind != EffectorKind.HUMAN.value:
        raise _needed(f"{EFFECTOR} says that {kind} {rest} acts", f"Let a person give it, without {EFFECTOR}")
    return this_person()


def must_have_seen(console: "Console", word: str) -> None:
    """Ask on the terminal whether what was shown there is answered so. Raises PersonNeeded where nobody says yes."""
    if console.as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise _needed(
            f"--{word} names no digest, and this is no terminal on which anybody was shown anything",
            f"Look at what the same command shows without an answer, and name its digest: --{word} DIGEST",
        )
    console.note(f"Do you {word} what is shown? [yes/no]")
    if sys.stdin.readline().strip().lower() not in {"yes", "y"}:
        raise _needed("the answer on this terminal was not yes", "Give the command again to be asked again")


def _needed(why: str, hint: str) -> PersonNeeded:
    return PersonNeeded("A promotion is for a person to confirm or to decline", why=why, hint=hint)
