"""The channel: what a tool declares, one JSON object a line.

    {"type": "progress", "message": "...", "done": 3, "total": 10, "unit": "files"}   all but type optional
    {"type": "artifact", "name": "...", "path": "...", "media_type": "..."}           all but media_type required
    {"type": "result", "value": ...}                                                  at most one
    {"type": "failure", "reason": "TESTS.FAILED", "message": "..."}                   at most one

Pure: bytes come in, declarations go out. A line that is none of these is an error, of which the first is kept;
what follows it is not read. Nothing is ever parsed from standard output.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dome_contracts.runtime.v1 import Progress
from domed.executors.port import DeclaredArtifact

LINE_BYTES_MAX: Final = 64 * 1024
RESULT_BYTES_MAX: Final = 8 * 1024 * 1024
"""Of a result as it is recorded, and of the line that declares it."""
RESULT_LINE_BYTES_MAX: Final = RESULT_BYTES_MAX
TEXT_CHARACTERS_MAX: Final = 4096
QUOTE_CHARACTERS_MAX: Final = 200
COUNT_MAX: Final = 2**64 - 1
ARTIFACTS_MAX: Final = 256
"""A run may declare so many: the snapshot of its job names each."""
NAME_CHARACTERS_MAX: Final = 255
PATH_CHARACTERS_MAX: Final = 4096
ANY_MEDIA_TYPE: Final = "application/octet-stream"

_REASON: Final = re.compile(r"[A-Z][A-Z0-9_]*(\.[A-Z][A-Z0-9_]*)+")
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9.+-]{0,62}/[a-z0-9][a-z0-9.+-]{0,62}")


@dataclass(frozen=True, slots=True)
class Result:
    """The tool's result."""

    data: bytes
    """JSON in UTF-8."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The tool says that it failed."""

    reason_code: str
    message: str


@dataclass(frozen=True, slots=True)
class ChannelError:
    """The tool broke the protocol."""

    message: str


Declaration = Progress | DeclaredArtifact | Result | Failure | ChannelError


class LineCutter:
    """Cuts what comes over the channel into lines, none longer than a result may be."""

    __slots__ = ("_held", "_scanned")

    def __init__(self) -> None:
        self._held = bytearray()
        self._scanned = 0

    def feed(self, data: bytes) -> Iterator[bytes | ChannelError]:
        """The lines that `data` completes, without their newlines."""
        self._held += data
        while (newline := self._held.find(b"\n", self._scanned)) >= 0:
            line = bytes(self._held[:newline])
            del self._held[: newline + 1]
            self._scanned = 0
            yield line
        self._scanned = len(self._held)
        if self._scanned > RESULT_LINE_BYTES_MAX:
            # The error ends the reading of the channel; nothing is held for it.
            self._held.clear()
            self._scanned = 0
            yield ChannelError(f"A line has more than {RESULT_LINE_BYTES_MAX} bytes.")

    def end(self) -> Iterator[bytes | ChannelError]:
        """What is left at the end: a last line may lack its newline."""
        if self._held:
            yield bytes(self._held)


def declaration(line: bytes) -> Declaration:
    """What a line declares."""
    if len(line) > RESULT_LINE_BYTES_MAX:
        return ChannelError(f"A line has {len(line)} bytes; a result line has at most {RESULT_LINE_BYTES_MAX}.")
    try:
        said = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return _error(f"A line is no JSON ({error})", line)
    if not isinstance(said, dict):
        return _error("A line is no JSON object", line)
    kind = said.pop("type", None)
    if len(line) > LINE_BYTES_MAX and kind != "result":
        return _error(f"A line of the type {kind!r} has {len(line)} bytes, more than {LINE_BYTES_MAX}", line)
    try:
        match kind:
            case "progress":
                return _progress(said)
            case "result":
                return _result(said)
            case "failure":
                return _failure(said)
            case "artifact":
                return _artifact(said)
            case _:
                return _error(f"A line has the unknown type {kind!r}", line)
    except (TypeError, ValueError, RecursionError) as error:
        return _error(f"A {kind} line is wrong ({error})", line)


def _progress(said: Mapping[str, Any]) -> Progress:
    _only(said, {"message", "done", "total", "unit"})
    return Progress(
        message=_text(said, "message"), done=_count(said, "done"), total=_count(said, "total"), unit=_text(said, "unit")
    )


def _result(said: Mapping[str, Any]) -> Result:
    _only(said, {"value"})
    if "value" not in said:
        raise ValueError("it has no value")
    try:
        data = _encoded(said["value"], ensure_ascii=False)
    except UnicodeEncodeError:
        # Names of odd files hold lone surrogates: escaped, they are JSON all the same.
        data = _encoded(said["value"], ensure_ascii=True)
    if len(data) > RESULT_BYTES_MAX:
        # Escapes, and numbers written out, may take more than they took in the line.
        raise ValueError(f"its value comes to {len(data)} bytes, more than {RESULT_BYTES_MAX}")
    return Result(data)


def _failure(said: Mapping[str, Any]) -> Failure:
    _only(said, {"reason", "message"})
    reason_code = said.get("reason")
    if not isinstance(reason_code, str) or _REASON.fullmatch(reason_code) is None:
        raise ValueError(f"{reason_code!r} is no reason")
    return Failure(reason_code, _text(said, "message"))


def _artifact(said: Mapping[str, Any]) -> DeclaredArtifact:
    _only(said, {"name", "path", "media_type"})
    name, path, media_type = said.get("name"), said.get("path"), said.get("media_type") or ANY_MEDIA_TYPE
    if not isinstance(name, str) or not _is_name(name):
        raise ValueError(f"{name!r} is no name: 1 to {NAME_CHARACTERS_MAX} printable characters without a slash")
    if not isinstance(path, str) or not 0 < len(path) <= PATH_CHARACTERS_MAX or "\0" in path:
        raise ValueError("path is no path")
    if not isinstance(media_type, str) or _MEDIA_TYPE.fullmatch(media_type.lower()) is None:
        raise ValueError(f"{media_type!r} is no media type without parameters")
    return DeclaredArtifact(name, path, media_type.lower())


def _is_name(text: str) -> bool:
    """Whether a file can be called so in any folder, and a person can read it."""
    return 0 < len(text) <= NAME_CHARACTERS_MAX and text.isprintable() and "/" not in text and text not in {".", ".."}


def _only(said: Mapping[str, Any], allowed: set[str]) -> None:
    if unknown := sorted(said.keys() - allowed):
        raise ValueError(f"it has the unknown field {unknown[0]!r}")


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value[:TEXT_CHARACTERS_MAX].encode("utf-8", "replace").decode()


def _count(said: Mapping[str, Any], name: str) -> int | None:
    value = said.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= COUNT_MAX:
        raise ValueError(f"{name} is no count")
    return value


def _encoded(value: object, *, ensure_ascii: bool) -> bytes:
    return json.dumps(value, ensure_ascii=ensure_ascii, allow_nan=False, separators=(",", ":")).encode()


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _error(message: str, line: bytes) -> ChannelError:
    quoted = line[:QUOTE_CHARACTERS_MAX].decode("utf-8", "replace")
    return ChannelError(f"{message}: {quoted!r}{' …' if len(line) > QUOTE_CHARACTERS_MAX else ''}")
