"""The program's ways: one order on its command line, carried out by itself, or orders on a socket."""

import os
import sys
from collections.abc import Sequence

from domed.launcher import server, tool_start
from domed.launcher.order import NotAnOrder, parse

SERVE = "serve"


def main(words: Sequence[str]) -> None:
    """Carry out the order that the words are, or those that come."""
    if list(words) == [SERVE]:
        server.serve()
        return
    try:
        order = parse(words)
        if order.status < 0 or not order.argv or order.view:
            raise NotAnOrder("a descriptor for the status and a program are needed, and no view: only a copy has one")
    except NotAnOrder as error:
        sys.exit(f"domed launcher: {error}")
    os.set_inheritable(order.status, False)
    order.environment = _environment()
    if order.wait:
        # Bubblewrap sets it, whoever asked for it or not.
        order.environment.pop(b"PWD", None)
        tool_start.stay(order)
    tool_start.become(order)


def _environment() -> dict[bytes, bytes]:
    """The environment as it was given: Python may have added a locale to its own."""
    with open("/proc/self/environ", "rb") as given:
        entries = given.read().split(b"\0")
    return {name: value for name, found, value in (entry.partition(b"=") for entry in entries) if found and name}
