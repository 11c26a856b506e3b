"""The message of a commit, and the trailer that says which operation made it. Pure."""

import re
from typing import Final

from dome_contracts.tool import ToolFailure

TRAILER: Final = "Dome-Operation"
_CLAIMED: Final = re.compile(rf"(?im)^[ \t]*{TRAILER}[ \t]*:")
_TRAILER_LINE: Final = re.compile(r"[A-Za-z0-9-]+: ?\S.*|[ \t]+\S.*")


def compose(subject: str, body: str, operation_id: str) -> bytes:
    """Subject, body and the trailer, among the trailers that the body ends with. Raises ToolFailure."""
    if _CLAIMED.search(subject) or _CLAIMED.search(body):
        raise ToolFailure("COMMIT.MESSAGE_INVALID", f"The message has a line `{TRAILER}:` of its own. Leave it out.")
    lines = [line.rstrip() for line in body.replace("\r\n", "\n").split("\n")]
    text = "\n".join(lines).strip("\n")
    last = text.rpartition("\n\n")[2].split("\n") if text else []
    # Only a paragraph after another one can hold trailers, and the subject is the first.
    joins = bool(last) and not last[0][0].isspace() and all(_TRAILER_LINE.fullmatch(line) for line in last)
    parts = [subject.strip(), *([text] if text else [])]
    message = "\n\n".join(parts) + ("\n" if joins else "\n\n") + f"{TRAILER}: {operation_id}\n"
    try:
        return message.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ToolFailure("COMMIT.MESSAGE_INVALID", f"The message is no Unicode text: {error}") from error


def names_operation(message: bytes, operation_id: str) -> bool:
    """Whether the last paragraph of a message has the trailer of the operation."""
    last = message.rstrip().rpartition(b"\n\n")[2].split(b"\n")
    return f"{TRAILER}: {operation_id}".encode() in last
