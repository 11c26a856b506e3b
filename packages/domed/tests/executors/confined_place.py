"""A place where one program runs confined, by a mechanism and as a user, and the process of an ordinary user."""

import asyncio
import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from dome_contracts.runtime.v1 import Enforcement
from domed.executors import survivors
from packages.domed.tests.executors import confined_run
from packages.domed.tests.executors.conformance import fresh_job_id

TIMEOUT_S = 60
NOBODY = 65534
DECLARED, ENFORCED = Enforcement.DECLARED.name, Enforcement.ENFORCED.name
OWN, OTHER = "this user", "an ordinary user"
BY_VIEW = ("namespaces", "bubblewrap")
"""Mechanisms that give a process a view of its own; Landlock by itself holds back less."""


class OrdinaryUser:
    """A process of another user that runs what it is asked to, one after the other."""

    def __init__(self, process: "subprocess.Popen[bytes]", said: IO[bytes]) -> None:
        self._process = process
        self._said = said

    def run(self, asked: dict[str, Any]) -> dict[str, Any]:
        """What came of one run."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        self._process.stdin.flush()
        assert select.select([self._process.stdout], [], [], TIMEOUT_S)[0], f"no answer within {TIMEOUT_S} s"
        answer = self._process.stdout.readline()
        assert answer, self.words()
        told: dict[str, Any] = json.loads(answer)
        return told

    def words(self) -> str:
        """What it wrote to standard error."""
        self._said.seek(0)
        return self._said.read().decode()


@contextmanager
def an_ordinary_user() -> Iterator[OrdinaryUser]:
    """Only root has one. It ends when nothing more is asked."""
    argv = [
        "setpriv",
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        sys.executable,
        confined_run.__file__,
    ]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, cwd="/") as process,
    ):
        user = OrdinaryUser(process, said)
        try:
            yield user
            process.communicate(timeout=TIMEOUT_S)
            assert process.returncode == 0, user.words()
        finally:
            process.kill()


@dataclass(frozen=True)
class Place:
    """Where a confined run takes place: a directory, a scratch directory and a tool's folder of the user who runs."""

    root: Path
    mechanism: str
    other: OrdinaryUser | None = None

    @property
    def user(self) -> str:
        return OTHER if self.other else OWN

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    def run(
        self,
        python: str = "",
        *,
        script: str = "",
        argv: tuple[str, ...] = (),
        filesystem: str = "read",
        network: str = "none",
        starts_processes: bool = True,
        hide: tuple[Path, ...] = (),
        scratch_only: bool = False,
    ) -> dict[str, Any]:
        job_id = fresh_job_id()
        asked = {
            "mechanism": self.mechanism,
            "job_id": job_id,
            "argv": argv or (["/bin/sh", "-c", script] if script else [sys.executable, "-I", "-c", python]),
            "effects": {
                "filesystem": filesystem,
                "network": network,
                "starts_processes": starts_processes,
                "folder": str(self.root / "tool"),
            },
            "scratch": str(self.scratch),
            "directory": "" if scratch_only else str(self.work),
            "home": str(self.root / "home"),
            "hide": [str(each) for each in hide],
        }
        told = self.other.run(asked) if self.other else asyncio.run(confined_run.main(asked))
        assert survivors.of_jobs([job_id]) == []
        if self.mechanism in BY_VIEW and not told["view"]:
            pytest.skip(f"{self.user} is given no {self.mechanism} by this kernel")
        return dict(told)


TRY = """
import os, socket, subprocess, sys, tempfile
def attempt(name, act):
    try:
        act()
    except OSError as error:
        print(name, "refused", file=sys.stdout)
    else:
        print(name, "done")
"""


def outcomes(told: dict[str, Any]) -> dict[str, str]:
    assert told["end"].startswith("Exited(exit_code=0"), told
    return dict(line.rsplit(" ", 1) for line in told["stdout"].splitlines())
