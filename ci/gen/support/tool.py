"""What a tool written in Python says to the daemon that runs it. Needs the standard library only.

    from dome_contracts import tool

    with tool.session() as dome:
        for done, path in enumerate(paths(dome.input["root"])):
            dome.progress(path, done=done, unit="files")
        dome.result({"files": done})

The protocol, for tools in other languages: the input is one JSON document on standard input, to its
end. The environment variable DOME_CHANNEL_FD names an open descriptor; the tool writes one JSON object
a line to it, UTF-8, each with a `type`:

    {"type": "progress", "message": "...", "done": 3, "total": 10, "unit": "files"}   all but type optional
    {"type": "artifact", "name": "...", "path": "...", "media_type": "..."}   a file to keep, read after the end
    {"type": "result", "value": {...}}   at most one, must fit the tool's output schema
    {"type": "failure", "reason": "TESTS.FAILED", "message": "..."}   at most one, then end with a code that is not 0

A line holds at most 64 KiB, a result line 8 MiB. Standard output and error are output, never parsed.
Without the variable, as when a person runs the tool, the result is printed on standard output at the
end and everything else is dropped.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any, BinaryIO, Final, NoReturn

CHANNEL_VARIABLE: Final = "DOME_CHANNEL_FD"
SHELL_HELPER: Final = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tool.sh")
"""The same for shells, to be sourced. Tools find it in the environment variable DOME_TOOL_SH."""
LINE_BYTES_MAX: Final = 64 * 1024
RESULT_BYTES_MAX: Final = 8 * 1024 * 1024
MESSAGE_CHARACTERS_MAX: Final = 4096


class ToolFailure(Exception):
    """The tool did its work and the work failed, for a reason of the catalogue of failure reasons."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message


class Session:
    """One run of a tool. Safe to use from several threads."""

    def __init__(self, document: Any, channel_fd: int | None) -> None:
        self.input = document
        self._channel_fd = channel_fd
        self._lock = Lock()
        self._result: bytes | None = None

    def progress(self, message: str = "", *, done: int | None = None, total: int | None = None, unit: str = "") -> None:
        """Say how far the work is. Each report replaces the one before; a long message is cut."""
        said = {"message": message[:MESSAGE_CHARACTERS_MAX], "done": done, "total": total, "unit": unit}
        self._say("progress", {key: value for key, value in said.items() if value not in ("", None)})

    def artifact(
        self, name: str, path: str | os.PathLike[str], *, media_type: str = "application/octet-stream"
    ) -> None:
        """Hand over a file. It is read after the tool has ended, so leave it where it is."""
        self._say("artifact", {"name": name, "path": os.path.abspath(path), "media_type": media_type})

    def result(self, value: Any) -> None:
        """Give the result. Raises ValueError for a second one, or one that is too large or no JSON."""
        if self._result is not None:
            raise ValueError("a tool has one result")
        encoded = _encoded(value)
        self._write(b'{"type":"result","value":' + encoded + b"}", RESULT_BYTES_MAX)
        self._result = encoded

    def fail(self, reason: str, message: str) -> NoReturn:
        """End the session as failed: reports the reason, then ends the program with code 1."""
        raise ToolFailure(reason, message)

    def _failure(self, failure: ToolFailure) -> None:
        self._say("failure", {"reason": failure.reason, "message": failure.message[:MESSAGE_CHARACTERS_MAX]})

    def _finish(self) -> None:
        if self._channel_fd is None and self._result is not None:
            sys.stdout.flush()  # what the program printed came before its result
            sys.stdout.buffer.write(self._result + b"\n")
            sys.stdout.buffer.flush()

    def _say(self, kind: str, fields: dict[str, Any]) -> None:
        self._write(_encoded({"type": kind, **fields}), LINE_BYTES_MAX)

    def _write(self, line: bytes, bytes_max: int) -> None:
        if len(line) >= bytes_max:
            raise ValueError(f"a line of {len(line)} bytes; the daemon reads at most {bytes_max}. Use an artifact.")
        with self._lock:
            if self._channel_fd is None or self._channel_fd < 0:
                return
            rest = memoryview(line + b"\n")
            try:
                while rest:
                    rest = rest[os.write(self._channel_fd, rest) :]
            except BrokenPipeError:
                # The daemon no longer listens. What the tool does may still matter, so it goes on.
                self._channel_fd = -1


@contextmanager
def session(environ: Mapping[str, str] = os.environ, stdin: BinaryIO | None = None) -> Iterator[Session]:
    """Read the input and open the channel. A ToolFailure inside is reported and ends the program with code 1."""
    document = json.loads((stdin or sys.stdin.buffer).read() or b"null")
    run = Session(document, _channel_fd(environ))
    try:
        yield run
    except ToolFailure as failure:
        run._failure(failure)
        print(failure, file=sys.stderr)
        raise SystemExit(1) from None
    finally:
        # However it ends: the daemon, too, keeps what a tool gave before it failed.
        run._finish()


def _channel_fd(environ: Mapping[str, str]) -> int | None:
    """The inherited descriptor, kept from the tool's own children so that the daemon sees it close."""
    if not (text := environ.get(CHANNEL_VARIABLE)):
        return None
    channel_fd = int(text)
    os.set_inheritable(channel_fd, False)
    return channel_fd


def _encoded(value: Any) -> bytes:
    """Compact JSON. Text that is no UTF-8, such as the name of an odd file, is escaped rather than refused."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
