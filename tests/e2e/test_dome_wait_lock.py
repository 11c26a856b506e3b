"""`dome run` of a tool whose lock another job holds: it waits, or is refused where it must not wait."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from dome_contracts.exit_codes import Exit
from tests.e2e.dome_home import Home, a_home
from tests.e2e.plan_home import until
from tests.e2e.tool_folder import write_tool

SCRIPT = "[ -e gate ] && read -r line <gate; echo ran"


@pytest.fixture
def home() -> Iterator[Home]:
    with a_home() as made:
        yield made


@contextmanager
def held_gate(home: Home) -> Iterator[None]:
    """A job that came to the gate stands there, and no later one does."""
    gate = home.work / "gate"
    opened: list[int] = []

    def somebody_reads() -> bool:
        with suppress(OSError):  # as long as nobody does
            opened.append(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
        return bool(opened)

    until(somebody_reads)
    gate.unlink()
    yield
    os.close(opened[0])


def test_a_job_that_must_not_wait_is_refused_while_the_lock_is_held(home: Home) -> None:
    write_tool(home.config / "tools", "user.locked", SCRIPT)
    digest = home.dome("tool", "user.locked", "--json").documents()[0]["summary"]["tool_digest"]
    assert home.dome("tools", "trust", "user.locked", "--digest", digest, "--yes").code == Exit.OK
    os.mkfifo(home.work / "gate")  # nobody writes to it: a job that opens it stays
    holder = home.dome("run", "user.locked", "--detach").lines()[0]
    refused = home.dome("run", "user.locked", "--no-wait-lock")
    assert (refused.code, "LOCK_CONFLICT" in refused.err, holder in refused.err) == (Exit.TRY_AGAIN, True, True)
    with held_gate(home):
        waiting = home.dome("run", "user.locked", "--wait-lock", "--detach").lines()[0]
        assert home.dome("cancel", holder).code == Exit.OK
    assert home.dome("wait", waiting).code == Exit.OK


def test_a_retry_waits_as_its_job_did_unless_it_says_otherwise(home: Home) -> None:
    write_tool(home.config / "tools", "user.locked", SCRIPT)
    digest = home.dome("tool", "user.locked", "--json").documents()[0]["summary"]["tool_digest"]
    assert home.dome("tools", "trust", "user.locked", "--digest", digest, "--yes").code == Exit.OK
    first = home.dome("run", "user.locked", "--no-wait-lock", "--detach").lines()[0]
    assert home.dome("wait", first).code == Exit.OK
    os.mkfifo(home.work / "gate")  # nobody writes to it: a job that opens it stays
    holder = home.dome("retry", first, "--detach").lines()[0]
    with held_gate(home):
        for words in ((), ("--no-wait-lock",)):
            refused = home.dome("retry", first, *words)
            assert (refused.code, "LOCK_CONFLICT" in refused.err) == (Exit.TRY_AGAIN, True)
        waiting = home.dome("retry", first, "--wait-lock", "--detach").lines()[0]
        assert home.dome("cancel", holder).code == Exit.OK
    assert home.dome("wait", waiting).code == Exit.OK
