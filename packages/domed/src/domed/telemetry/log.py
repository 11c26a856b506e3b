"""The daemon's log: one event a line, as `key=value` or as a JSON object, on standard error.

Knows no job and no transport. Callers hand over names and numbers; payloads, environments and secrets never come here.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TextIO

VALUE_LENGTH_MAX: Final = 2000
"""Characters of one value; what is longer is cut and says so."""

_ROOT: Final = "domed"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:/@+%,-]+")
_PRIORITIES: Final = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
_bound: ContextVar[Mapping[str, object]] = ContextVar("domed_log_fields", default={})  # noqa: B039 - never changed


class Log:
    """Writes events of one part of the daemon. Fields are written in the order in which they are given."""

    __slots__ = ("_logger",)

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(f"{_ROOT}.{name}")

    def debug(self, message: str, **fields: object) -> None:
        """Something that only somebody who searches for a fault wants to see."""
        self._write(logging.DEBUG, message, fields)

    def info(self, message: str, **fields: object) -> None:
        """Something that happened as intended."""
        self._write(logging.INFO, message, fields)

    def warning(self, message: str, **fields: object) -> None:
        """Something that the user may want to change."""
        self._write(logging.WARNING, message, fields)

    def error(self, message: str, **fields: object) -> None:
        """Something that failed."""
        self._write(logging.ERROR, message, fields)

    def failure(self, message: str, error: BaseException, **fields: object) -> None:
        """A defect: the event, then the traceback."""
        self._write(logging.ERROR, message, fields, error=error)

    def _write(
        self, level: int, message: str, fields: Mapping[str, object], *, error: BaseException | None = None
    ) -> None:
        if self._logger.isEnabledFor(level):
            merged = {**_bound.get(), **fields}
            self._logger.log(level, "%s", message, extra={"domed_fields": merged}, exc_info=error)


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Adds fields to every event that is written inside, also by what is awaited there."""
    token = _bound.set({**_bound.get(), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


def configure(level: str, *, journal: bool = False, as_json: bool = False, stream: TextIO | None = None) -> None:
    """Send the log to `stream` (standard error). `journal`: the reader adds times and wants priorities."""
    # Each event would otherwise find out where in the program it was written, which costs most of writing it.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.setFormatter(_JsonFormatter(journal=journal) if as_json else _LineFormatter(journal=journal))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(_ROOT).setLevel(level.upper())


class _LineFormatter(logging.Formatter):
    """`time level=… at=… message=… key=value …`; a traceback follows, each line marked."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__(datefmt="%Y-%m-%dT%H:%M:%S%z")
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = getattr(record, "domed_fields", {})
        parts = [] if self._journal else [self.formatTime(record, self.datefmt)]
        parts.append(f"level={record.levelname.lower()}")
        parts.append(f"at={record.name}")
        parts.append(f"message={_quoted(record.getMessage())}")
        parts.extend(f"{key}={_quoted(value)}" for key, value in fields.items() if value is not None)
        lines = [" ".join(parts)]
        if record.exc_info:
            lines.extend(f"  | {line}" for line in self.formatException(record.exc_info).splitlines())
        prefix = f"<{_PRIORITIES.get(record.levelno, 6)}>" if self._journal else ""
        return "\n".join(prefix + line for line in lines)


class _JsonFormatter(logging.Formatter):
    """One JSON object a line: `time`, `level`, `at`, `message`, the fields, `traceback`."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__(datefmt="%Y-%m-%dT%H:%M:%S%z")
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = getattr(record, "domed_fields", {})
        said: dict[str, Any] = {} if self._journal else {"time": self.formatTime(record, self.datefmt)}
        said |= {"level": record.levelname.lower(), "at": record.name, "message": _cut(record.getMessage())}
        said |= {key: _json_value(value) for key, value in fields.items() if value is not None and key not in said}
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        prefix = f"<{_PRIORITIES.get(record.levelno, 6)}>" if self._journal else ""
        return prefix + json.dumps(said)


def _json_value(value: object) -> object:
    return value if isinstance(value, bool | int | float) else _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= VALUE_LENGTH_MAX else f"{text[:VALUE_LENGTH_MAX]}… ({len(text)} characters)"


def _quoted(value: object) -> str:
    """The value as one word, or in quotes with everything escaped that could pass for another event."""
    text = _cut(f"{value:.3f}" if isinstance(value, float) else str(value))
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
