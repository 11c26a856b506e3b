"""Runs functions at the same time, each in a process of its own, forked from this one: quick to begin, really apart.

Nothing that a process holds open may be handed to its children: each function opens what it needs.
"""

import json
import os
import select
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

TIMEOUT_S: Final = 90.0


Racer = Callable[[], Callable[[], object]]
"""Gets ready, and gives what is to be done at the same time as what the others do."""


def raced(work: Sequence[Racer], *, timeout_s: float = TIMEOUT_S) -> list[Any]:
    """What each racer answers, as JSON has it. They go on when all are ready. A failure of one is raised here."""
    gate, opener = os.pipe()
    children = [_forked(each, gate, opener) for each in work]
    os.close(gate)
    os.close(opener)
    try:
        answers = _answers({out: pid for pid, out in children}, time.monotonic() + timeout_s)
    finally:
        for pid, out in children:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(out)
    told = [json.loads(answers[out]) for _, out in children]
    failed = [each["failed"] for each in told if "failed" in each]
    assert not failed, "\n".join(failed)
    return [each["answer"] for each in told]


def _forked(work: Racer, gate: int, opener: int) -> tuple[int, int]:
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(work, gate, opener, into)
    os.close(into)
    return pid, out


def _child(work: Racer, gate: int, opener: int, into: int) -> NoReturn:
    """Never comes back: a child must not go on as the process that it was forked from."""
    try:
        go = work()
        os.close(opener)
        os.read(gate, 1)  # ends when nobody can write any more: then all are ready
        told = {"answer": go()}
    except BaseException:  # noqa: BLE001 - whatever it is, the test that started this process has to hear of it
        told = {"failed": traceback.format_exc()}
    try:
        data = json.dumps(told).encode()
        while data:
            data = data[os.write(into, data) :]
    finally:
        os._exit(0)


def _answers(waiting: dict[int, int], deadline: float) -> dict[int, bytes]:
    found: dict[int, bytes] = dict.fromkeys(waiting, b"")
    pending = set(waiting)
    while pending:
        left = deadline - time.monotonic()
        assert left > 0, f"processes {sorted(waiting[each] for each in pending)} did not end in time"
        for each in select.select(sorted(pending), [], [], left)[0]:
            data = os.read(each, 65_536)
            found[each] += data
            if not data:
                pending.discard(each)
    return found
