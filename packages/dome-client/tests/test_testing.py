from collections.abc import AsyncIterator

import pytest

from dome_client.connection import connect
from dome_client.testing import FakeRuntime
from dome_client.testing.conformance import RuntimeConformance
from dome_client.testing.script import End, ScriptedTool
from tests.scripted_tools import ScriptedRig


class TestTheFake(RuntimeConformance):
    @pytest.fixture
    def rig(self, runtime: FakeRuntime) -> ScriptedRig:
        return ScriptedRig(runtime)


class TestTheClientOverTheWire(RuntimeConformance):
    @pytest.fixture
    async def rig(self, served: str) -> AsyncIterator[ScriptedRig]:
        async with connect(served, environ={}) as client:
            yield ScriptedRig(client)


async def test_a_held_job_goes_on_when_it_is_released(runtime: FakeRuntime) -> None:
    job = await runtime.execute("test.endless")
    runtime.release(job.job_id)
    ended = await runtime.wait(job.job_id)
    assert ended.outcome is not None
    assert ended.outcome.exit_code == 0


async def test_a_listed_job_lacks_the_result_that_its_status_has() -> None:
    runtime = FakeRuntime([ScriptedTool("test.result", lambda _: [End(result=b'{"n":1}')])])
    job = await runtime.wait((await runtime.execute("test.result")).job_id)
    (listed,) = await runtime.jobs()
    assert job.outcome is not None
    assert listed.outcome is not None
    assert (job.outcome.result, listed.outcome.result) == (b'{"n":1}', b"")
