"""Which files the kernel executes when a program is started: itself, its interpreter, the loader of each.

Reads the files and executes none.
"""

import os
import struct
from collections.abc import Iterator, Sequence

_HEAD_BYTES = 64 * 1024
_DEPTH_MAX = 5
"""So deep the kernel follows interpreters of interpreters."""
_PT_INTERP = 3
_DEFAULT_PATH = "/bin:/usr/bin"


def needed(argv: Sequence[str], path: str) -> list[str]:
    """The files for a command, where it is looked for on `path`. Empty where there is no such program."""
    found: list[str] = []
    _follow(list(argv), path, found, 0)
    return found


def candidates(program: str, path: str) -> Iterator[str]:
    """Where a program may be, in the order in which it is looked for."""
    if "/" in program:
        yield program
    else:
        yield from (os.path.join(directory, program) for directory in (path or _DEFAULT_PATH).split(":"))


def _follow(argv: list[str], path: str, found: list[str], depth: int) -> None:
    file = next((each for each in candidates(argv[0], path) if os.path.isfile(each)), None)
    if file is None or depth > _DEPTH_MAX:
        return
    found.append(file)
    try:
        with open(file, "rb") as opened:
            head = opened.read(_HEAD_BYTES)
    except OSError:
        return
    if head.startswith(b"#!"):
        interpreter = [os.fsdecode(word) for word in head[2:].split(b"\n", 1)[0].split(None, 1)]
        words = interpreter + (interpreter.pop().split() if len(interpreter) > 1 else [])
        if words:
            _follow(words[:1], path, found, depth + 1)
        if words and os.path.basename(words[0]) == "env":
            # It looks for the interpreter and becomes it.
            rest = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
            if rest:
                _follow(rest[:1], path, found, depth + 1)
    elif loader := _loader(head):
        found.append(loader)


def _loader(head: bytes) -> str:
    """The loader that an ELF file names; empty where it names none."""
    if not head.startswith(b"\x7fELF"):
        return ""
    wide, order = head[4:5] == b"\x02", "<" if head[5:6] == b"\x01" else ">"
    try:
        if wide:
            (table,) = struct.unpack_from(f"{order}Q", head, 32)
            size, count = struct.unpack_from(f"{order}HH", head, 54)
        else:
            (table,) = struct.unpack_from(f"{order}I", head, 28)
            size, count = struct.unpack_from(f"{order}HH", head, 42)
        for index in range(count):
            at = table + index * size
            (kind,) = struct.unpack_from(f"{order}I", head, at)
            if kind == _PT_INTERP:
                (offset,) = struct.unpack_from(f"{order}{'Q' if wide else 'I'}", head, at + (8 if wide else 4))
                return os.fsdecode(head[offset : head.index(b"\0", offset)])
    except (struct.error, ValueError):
        return ""
    return ""
