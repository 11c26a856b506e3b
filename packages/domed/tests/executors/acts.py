"""What test programs do, in a form that any executor can be given: a list of acts, played in order.

As a program (`python -c`), the acts are played by a process; `scripted` plays them without one.
"""

import json
import sys
from base64 import b64encode
from collections.abc import Sequence
from typing import Any, Final

Act = tuple[str, Any]

COPY: Final[Act] = ("copy", None)
"""Standard input, to its end, to standard output."""
HANG: Final[Act] = ("hang", None)
"""Never end by itself."""
IGNORE_TERM: Final[Act] = ("ignore", None)
"""From here on, take no notice of the polite signal."""
FLOOD: Final[Act] = ("talk", 0.0)
"""Write lines to standard output for ever."""
TALK: Final[Act] = ("talk", 0.05)
"""Write a line to standard output every so many seconds, for ever."""


def write(data: bytes) -> Act:
    """To standard output."""
    return ("write", [1, b64encode(data).decode()])


def complain(data: bytes) -> Act:
    """To standard error."""
    return ("write", [2, b64encode(data).decode()])


def declare(line: bytes) -> Act:
    """Bytes to the channel."""
    return ("declare", b64encode(line).decode())


def give(size: int) -> Act:
    """To the channel: a result that is a text of so many letters."""
    return ("give", size)


def leave(exit_code: int) -> Act:
    """End."""
    return ("leave", exit_code)


def dump(acts: Sequence[Act]) -> str:
    """The acts as an argument."""
    return json.dumps(acts)


PLAYER: Final = """
import json, os, signal, sys, time
from base64 import b64decode
def put(fd, data):
    while data:
        data = data[os.write(fd, data):]
for kind, value in json.loads(sys.argv[1]):
    if kind == "write":
        put(value[0], b64decode(value[1]))
    elif kind == "declare":
        put(int(os.environ["DOME_CHANNEL_FD"]), b64decode(value))
    elif kind == "give":
        put(int(os.environ["DOME_CHANNEL_FD"]), b'{"type":"result","value":"' + b"x" * value + b'"}\\n')
    elif kind == "copy":
        put(1, sys.stdin.buffer.read())
    elif kind == "ignore":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    elif kind == "hang":
        while True:
            time.sleep(60)
    elif kind == "talk":
        while True:
            put(1, b"line after line\\n")
            if value:
                time.sleep(value)
    elif kind == "leave":
        os._exit(value)
"""


def program(acts: Sequence[Act]) -> list[str]:
    """A process that plays the acts."""
    return [sys.executable, "-I", "-S", "-c", PLAYER, dump(acts)]
