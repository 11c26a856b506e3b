"""The one place where errors of this group become words and exit codes."""

import re
from typing import TYPE_CHECKING, Any

from dome_contracts.exit_codes import Exit
from dome_spec.commands.surroundings import DirectoryGone
from dome_spec.contracts.baseline import HistoryUnreadable, NoSuchFamily
from dome_spec.contracts.catalogue import FamilyUnknown
from dome_spec.contracts.compatibility import SchemaRefused
from dome_spec.contracts.pins import LocationRefused, PinBroken, PinError, PinExists, PinNotFound
from dome_spec.contracts.sources import SourceEmpty, SourceError, SourceNotFound
from dome_spec.kernel import NotARepository, NotInCommit, RefAmbiguous, RefNotFound, VcsError
from dome_spec.kernel.yaml_text import NotYaml

if TYPE_CHECKING:
    from dome_spec.commands.console import Console

_NOT_FOUND = (
    *(SourceNotFound, SourceEmpty, RefNotFound, NotARepository, NotInCommit),
    *(NoSuchFamily, FamilyUnknown, PinNotFound),
)
_PRECONDITION = (PinBroken, PinExists, OSError)
_USAGE = (RefAmbiguous, DirectoryGone, LocationRefused)
_KNOWN_SHOWN_MAX = 12


def known_errors() -> tuple[type[Exception], ...]:
    """What is told in words; anything else is a defect."""
    told_in_words = (SourceError, VcsError, SchemaRefused, HistoryUnreadable, NoSuchFamily, FamilyUnknown, NotYaml)
    return (*told_in_words, PinError, DirectoryGone, PermissionError, FileNotFoundError)


def told(error: Exception, console: "Console") -> int:
    """Say what is wrong and what to do; the exit code for it."""
    what, remedy = _words(error)
    if console.as_json:
        import json

        console.note(json.dumps({"error": _document(error, what, remedy)}, ensure_ascii=False))
    else:
        console.note(f"dome: {what}\n  {remedy}" if remedy else f"dome: {what}")
    return exit_code(error)


def exit_code(error: Exception) -> int:
    """What the command ends with."""
    if isinstance(error, _NOT_FOUND):
        return Exit.NOT_FOUND
    if isinstance(error, _PRECONDITION):
        return Exit.PRECONDITION
    return Exit.USAGE if isinstance(error, _USAGE) else Exit.INVALID


def _words(error: Exception) -> tuple[str, str]:
    match error:
        case SourceError() | VcsError() | PinError():
            return error.what, error.remedy
        case SchemaRefused():
            place = f" at {error.place}" if error.place else ""
            return f"the schema is refused{place} ({error.reason}): {error.what}", error.remedy
        case NoSuchFamily() | FamilyUnknown():
            shown = ", ".join(error.known[:_KNOWN_SHOWN_MAX]) + (", ..." if len(error.known) > _KNOWN_SHOWN_MAX else "")
            return str(error), f"There are: {shown}." if shown else "There is none."
        case HistoryUnreadable():
            return f"contracts/baseline/blessings.yaml: {error}", "Put it back: `git checkout -- contracts/baseline`."
        case NotYaml():
            return f"not to be read as YAML: {error}", "Mend the file."
        case DirectoryGone():
            return error.what, f"{error.hint}."
        case OSError():
            return f"{error.filename}: {error.strerror}", "Make it writable, or work on a copy."
        case _:
            return str(error), ""


def _document(error: Exception, what: str, remedy: str) -> dict[str, Any]:
    reason = re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).upper()
    return {"reason": reason, "message": what, "metadata": {}, "violations": [], "retryable": False, "remedy": remedy}
