"""What the launcher tells is read as far as it is known."""

import os

import pytest

from domed.executors.launch import Launch, parse, read


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (b"", Launch()),
        (b"held\n", Launch(held=True)),
        (b"held\nexec 2\n", Launch(held=True, exec_errno=2)),
        (b"held\nexec 0\n", Launch(held=True, exec_errno=8)),
        (b"held\nended 256\n", Launch(held=True, wait_status=256)),
        (b"failed namespaces: no\n", Launch(fault="namespaces: no")),
        (b"held\nexec x\nsomething \xff\n", Launch(held=True)),
    ],
)
def test_lines_of_the_status(told: bytes, meant: Launch) -> None:
    assert parse(told) == meant


def test_a_status_that_somebody_still_holds_is_not_waited_for() -> None:
    ours, theirs = os.pipe()
    try:
        assert read(ours) == Launch()
        os.write(theirs, b"held\n")
        assert read(ours) == Launch(held=True)
    finally:
        os.close(ours)
        os.close(theirs)
