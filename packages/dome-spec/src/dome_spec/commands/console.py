"""Where the words of a verb go: data to standard output, words for people to standard error."""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event, Timer
from typing import Any, Final

from dome_spec.commands.surroundings import directory

PROGRESS_AFTER_S: Final = 1.0
"""What takes no longer needs no progress."""
_COLUMNS_MAX: Final = 100
_OBEYED: Final = {code: f"\\u{code:04x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
"""What a terminal would obey, in a form that it shows. In a text of JSON it is the same character."""


class OutputLost(Exception):
    """Standard output takes no more, for another reason than that its reader has left."""


class Console:
    """The output of one use of a verb."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._is_long = Event()
        self._is_shown = False
        self._timer = Timer(PROGRESS_AFTER_S, self._is_long.set) if sys.stderr.isatty() else None
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()

    @property
    def directory(self) -> Path:
        """Where the command was given. Raises DirectoryGone."""
        return directory()

    def text(self, text: str) -> None:
        """Text on standard output."""
        self.data(_shown(text))

    def data(self, data: bytes) -> None:
        """Bytes on standard output, exactly."""
        self._clear()
        try:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputLost(error.strerror) from error

    def record(self, value: Any) -> None:
        """One JSON value on a line of its own."""
        self.text(json.dumps(value, ensure_ascii=False, default=str))

    def note(self, text: str) -> None:
        """A sentence for people."""
        self._clear()
        with suppress(OSError):
            sys.stderr.buffer.write(_shown(text))
            sys.stderr.buffer.flush()

    def progress(self, text: str) -> None:
        """What is being done, on a terminal, once it takes long; the next one replaces it."""
        if self._timer is not None and self._is_long.is_set():
            self._clear()
            sys.stderr.write(text[:_COLUMNS_MAX])
            sys.stderr.flush()
            self._is_shown = True

    def close(self) -> None:
        """Leave no progress behind."""
        if self._timer is not None:
            self._timer.cancel()
        self._clear()

    def give_up(self, text: str) -> None:
        """A last sentence; what standard output did not take is thrown away, else Python would try again at its end."""
        self.note(text)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _clear(self) -> None:
        if self._is_shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._is_shown = False


def _shown(text: str) -> bytes:
    """The text as bytes for a terminal, whoever wrote it: documents and programs are quoted in it."""
    return text.translate(_OBEYED).encode("utf-8", errors="backslashreplace") + b"\n"
