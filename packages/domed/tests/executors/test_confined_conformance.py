"""A run that is held to its effects is observed, ended and accounted for as any other."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import SurvivorFound
from domed.executors import survivors
from domed.executors.confinement import Abilities
from domed.executors.local_process import LocalProcessExecutor
from domed.executors.port import UNBOUNDED, Executor, Exit, Exited, Invocation, SpawnFailed
from packages.domed.tests.executors import acts
from packages.domed.tests.executors.confined_run import found
from packages.domed.tests.executors.confining import NOTHING, READS, Confining
from packages.domed.tests.executors.conformance import (
    WAIT_S,
    ExecutorConformance,
    Program,
    Record,
    fresh_job_id,
    limits,
)
from packages.domed.tests.executors.local_process.test_escapes import CLOSE_ALL, HIDDEN, daemon


class TestConfinedExecutor(ExecutorConformance):
    @pytest.fixture(params=["namespaces", "bubblewrap", "bubblewrap-nothing"])
    def executor(self, request: pytest.FixtureRequest) -> Executor:
        mechanism, _, nothing = request.param.partition("-")
        return Confining(mechanism, NOTHING if nothing else READS)

    @pytest.fixture
    def program(self) -> Program:
        return acts.program


@pytest.mark.parametrize("mechanism", ["namespaces", "bubblewrap", "landlock"])
class TestEscapesOfTheConfined:
    async def run(self, mechanism: str, python: str, scratch: Path, record: Record) -> tuple[Exit, JobId]:
        job_id = fresh_job_id()
        invocation = Invocation(
            job_id=job_id,
            argv=[sys.executable, "-I", "-S", "-c", python],
            payload=b"",
            environment={"PATH": "/usr/bin:/bin"},
            working_directory=None,
            scratch=scratch,
            limits=limits(grace_s=0.1),
        )
        async with asyncio.timeout(2 * WAIT_S):
            exit_ = await Confining(mechanism).run(invocation, emit=record, stop=asyncio.Event())
        return exit_, job_id

    async def test_a_daemon_that_ignores_the_polite_signal_is_found_and_ended(
        self, mechanism: str, tmp_path: Path
    ) -> None:
        record = Record()
        prelude = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
        python = daemon(prelude=prelude, close=CLOSE_ALL, after="time.sleep(0.2)")
        exit_, job_id = await self.run(mechanism, python, tmp_path, record)
        assert exit_.end == Exited(0, None)
        assert record.signals == [15, 9]
        assert survivors.of_jobs([job_id]) == []

    async def test_one_that_left_the_session_and_emptied_its_environment_is_found_and_ended(
        self, mechanism: str, tmp_path: Path
    ) -> None:
        record = Record()
        exit_, _ = await self.run(mechanism, HIDDEN.format(unmark="pass"), tmp_path, record)
        assert exit_.end == Exited(0, None)
        assert record.signals == [15]
        assert record.of(SurvivorFound) == []

    async def test_a_signal_to_the_own_group_is_the_programs_end(self, mechanism: str, tmp_path: Path) -> None:
        python = "import os, signal; os.killpg(os.getpgid(0), signal.SIGTERM); signal.pause()"
        exit_, job_id = await self.run(mechanism, python, tmp_path, Record())
        assert exit_.end == Exited(None, 15)
        assert survivors.of_jobs([job_id]) == []


async def test_a_program_that_cannot_be_held_is_not_started(tmp_path: Path) -> None:
    broken = replace(found(), namespaces=False, bubblewrap="/bin/false")
    invocation = Invocation(
        job_id=fresh_job_id(),
        argv=["touch", str(tmp_path / "made")],
        payload=b"",
        environment={"PATH": "/usr/bin:/bin"},
        working_directory=None,
        scratch=tmp_path,
        limits=limits(),
        effects=READS,
    )
    executor = LocalProcessExecutor(find_abilities=lambda: broken)
    end = (await executor.run(invocation, emit=Record(), stop=asyncio.Event())).end
    assert isinstance(end, SpawnFailed)
    assert "cannot be held to its declared effects" in end.message
    assert not (tmp_path / "made").exists()


async def test_what_the_kernel_can_do_is_asked_once(tmp_path: Path) -> None:
    asked: list[int] = []

    def find() -> Abilities:
        asked.append(1)
        return Abilities()

    executor = LocalProcessExecutor(find_abilities=find)
    await asyncio.gather(*(executor.enforcement(READS) for _ in range(5)), executor.enforcement(UNBOUNDED))
    assert len(asked) == 1
