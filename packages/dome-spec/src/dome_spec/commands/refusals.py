"""Refusals as words: what, why, and what to do next; for programs the same as one JSON object."""

import json
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dome_contracts.exit_codes import Exit
from dome_spec.kernel import DocumentInvalid, Refusal, VcsError

if TYPE_CHECKING:
    from dome_spec.commands.console import Console

_VIOLATIONS_SHOWN_MAX = 12


def known_errors() -> tuple[type[Exception], ...]:
    """What is told in words by every group."""
    return (Refusal, VcsError, OSError)


def tell(error: Exception, console: "Console") -> int:
    """Say what is wrong and what to do; the exit code for it."""
    refusal = _refusal(error)
    if console.as_json:
        console.note(json.dumps({"error": _document(refusal)}, ensure_ascii=False))
    else:
        console.note("\n".join(_lines(refusal)))
    return refusal.exit_code


def error_document(
    reason: str,
    message: str,
    remedy: str,
    *,
    violations: tuple[dict[str, str], ...] = (),
    metadata: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """An error for programs, in the form that all groups of `dome` have."""
    return {
        "reason": reason,
        "message": message,
        "metadata": dict(metadata),
        "violations": list(violations),
        "retryable": False,
        "remedy": remedy,
    }


class _FileMissing(Refusal):
    """A file that was named is not there, or is none."""

    code = "FILE_NOT_FOUND"
    exit_code = Exit.NOT_FOUND


class _FileUnusable(Refusal):
    """A file cannot be read or written as things stand: permissions, a full disk, an error of the device."""

    code = "FILE_UNUSABLE"


class _RepositoryUnusable(Refusal):
    """The repository cannot be read."""

    code = "REPOSITORY_UNUSABLE"


def _refusal(error: Exception) -> Refusal:
    match error:
        case Refusal():
            return error
        case VcsError():
            return _RepositoryUnusable(error.what, hint=error.remedy)
        case FileNotFoundError() | IsADirectoryError() | NotADirectoryError():
            return _FileMissing(_of_file(error), hint="Name a file that is there")
        case OSError():
            return _FileUnusable(_of_file(error), hint="Make room, or let this user read and write it")
        case _:
            raise TypeError(f"{type(error).__name__} is not told here") from error


def _of_file(error: OSError) -> str:
    what = error.strerror or str(error)
    return f"{os.fsdecode(error.filename)}: {what}" if isinstance(error.filename, str | bytes) else what


def _lines(refusal: Refusal) -> list[str]:
    lines = [f"dome: {_sentence(refusal.what)}"]
    if isinstance(refusal, DocumentInvalid):
        lines += [f"  {each.place or '(whole)'}: {each.message}" for each in refusal.violations[:_VIOLATIONS_SHOWN_MAX]]
        left_out = len(refusal.violations) - _VIOLATIONS_SHOWN_MAX
        lines += [f"  and {left_out} more"] if left_out > 0 else []
    elif refusal.why:
        lines.append(f"  {_sentence(refusal.why)}")
    return [*lines, f"  {_sentence(refusal.hint)}"] if refusal.hint else lines


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def _document(refusal: Refusal) -> dict[str, Any]:
    found = refusal.faults
    if isinstance(refusal, DocumentInvalid):
        found = [(each.place, each.message) for each in refusal.violations]
    message = f"{refusal.what}: {refusal.why}" if refusal.why else refusal.what
    violations = tuple({"field": place, "description": text} for place, text in found)
    document = error_document(refusal.code, message, refusal.hint, violations=violations, metadata=refusal.metadata)
    return {**document, "retryable": refusal.exit_code == Exit.TRY_AGAIN}
