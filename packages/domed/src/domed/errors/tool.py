"""Why a tool is not run: there is none, or it is not the one that was meant or approved."""

import shlex
from collections.abc import Sequence

from dome_contracts.errors.v1 import ErrorReason
from domed.errors.base import DomedError


class SkillNotFound(DomedError):
    """No tool has this id."""

    reason = ErrorReason.SKILL_NOT_FOUND

    def __init__(self, skill_id: str, *, similar: Sequence[str] = (), rejection: str = "") -> None:
        """`rejection` says why the manifest with this id was left out."""
        hint = f" Similar: {', '.join(similar)}." if similar else ""
        if rejection:
            hint = f" Its manifest was rejected: {rejection.splitlines()[0].rstrip('.')}; see `dome tools`."
        super().__init__(f"There is no tool {skill_id!r}.{hint}", {"skill_id": skill_id})


class NotRunnable(DomedError):
    """The entry is a document."""

    reason = ErrorReason.NOT_RUNNABLE

    def __init__(self, skill_id: str) -> None:
        super().__init__(f"{skill_id!r} is a document and cannot be run.", {"skill_id": skill_id})


class ToolUntrusted(DomedError):
    """The tool's digest was not approved."""

    reason = ErrorReason.TOOL_UNTRUSTED

    def __init__(self, skill_id: str, *, digest: str, working_directory: str = "") -> None:
        """`working_directory`: from where the tool is seen; empty where it is seen from everywhere."""
        command = f"dome tools trust {skill_id} --digest {digest}"
        if working_directory:
            command += f" --cwd {shlex.quote(working_directory)}"
        super().__init__(
            f"The tool {skill_id!r} was not approved. This shows what it is and asks: `{command}`.",
            {"skill_id": skill_id, "digest": digest, "command": command},
        )


class ManifestChanged(DomedError):
    """The tool is not the one that was pinned."""

    reason = ErrorReason.MANIFEST_CHANGED

    def __init__(self, skill_id: str, *, pinned: str, current: str) -> None:
        super().__init__(
            f"The tool {skill_id!r} is {current}; the request pinned {pinned}.",
            {"skill_id": skill_id, "pinned": pinned, "current": current},
        )
