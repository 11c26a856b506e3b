"""Who is author and committer, and whether the repository lets a program commit in their name without a signature."""

from typing import Final

from dome_contracts.tool import ToolFailure
from domed.tools.repo_commit.place import Place
from domed.tools.repo_commit.request import Person, Request

REMEDY: Final = "Set `user.name` and `user.email` of git, or give `author` in the input."


def environment(place: Place, request: Request) -> dict[str, str]:
    """The variables that tell git who it is. Raises ToolFailure where nobody says, or a signature is asked for."""
    _check_signing(place, request)
    committer = request.committer
    if committer is None and not _is_configured(place, "COMMITTER"):
        committer = request.author
    people = {**_variables("AUTHOR", request.author), **_variables("COMMITTER", committer)}
    for role in ("AUTHOR", "COMMITTER"):
        if not _is_configured(place, role, people):
            raise ToolFailure("COMMIT.IDENTITY_MISSING", f"Git does not know who the {role.lower()} is. {REMEDY}")
    return people


def _check_signing(place: Place, request: Request) -> None:
    answer = place.git.ask("config", "--type=bool", "--get", "commit.gpgSign")
    if answer.exit_code == 1 or answer.line == b"false" or request.signing == "skip":
        return
    problem = "The configuration asks for signed commits, and a signature may ask a person."
    raise ToolFailure(
        "COMMIT.SIGNING_REQUIRED", f"{problem} Commit by hand, or allow an unsigned commit with `signing: skip`."
    )


def _is_configured(place: Place, role: str, people: dict[str, str] | None = None) -> bool:
    return place.git.ask("var", f"GIT_{role}_IDENT", more=people).exit_code == 0


def _variables(role: str, person: Person | None) -> dict[str, str]:
    if person is None:
        return {}
    return {f"GIT_{role}_NAME": person.name, f"GIT_{role}_EMAIL": person.email}
