"""A daemon that refuses an attempt whose runner dies of it: its audit is what the memory has the denial from."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from dome_client import connect
from dome_contracts.schema.knowledge.fact import EvidenceGroupFact, TaskFact
from dome_spec.binding import EvidenceStore
from tests.contract.dispatch_rig import Died, Scene
from tests.e2e.dome_home import Home
from tests.e2e.plan_home import a_repository, infra_of, memory_of, repository_id
from tests.e2e.tool_folder import write_tool
from tests.planned import RUN_ID, Wish, planned

LIMIT_S = 40.0


@pytest.fixture
def home() -> Iterator[Home]:
    with a_repository() as made:
        yield made


@dataclass
class DyingOfIt:
    """A client whose process ends as it is refused, before it hears why."""

    client: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        try:
            return await self.client.execute(*arguments, **options)
        except Exception as error:
            raise Died from error


async def test_a_refusal_that_the_audit_alone_knows_is_remembered_once_with_its_attempt(home: Home) -> None:
    write_tool(home.work / ".dome/tools", "mine.do", "true")
    given = planned({"a": Wish(skill_id="mine.do", addresses="TESTS.FAILED")}, repository_id=repository_id(home))
    infra = infra_of(home)
    started = await asyncio.to_thread(home.dome, "tools")
    assert started.code == 0, started.err
    async with asyncio.timeout(LIMIT_S), connect(environ=home.environ()) as client:
        scene = Scene(home.root, DyingOfIt(client), working_directory=str(home.work))
        scene.runs_dir, scene.store = infra.runs_dir, EvidenceStore(infra.evidence_dir)
        with pytest.raises(Died):
            await scene.run(given)
    taken = await asyncio.to_thread(home.dome, "memory", "ingest", "--runtime", "--json")
    assert (taken.code, taken.documents()[-1]["refusals"]) == (0, 1), taken.err
    with memory_of(home) as memory:
        bodies = [fact.body for fact in memory.facts(limit=200)]
        (task,) = [each for each in bodies if isinstance(each, TaskFact)]
        (denial,) = [each.wrapper for each in bodies if isinstance(each, EvidenceGroupFact)]
    assert task.outcome.to_value() == {
        "status": "DENIED",
        "failure_reason_code": "NONE",
        "policy_reason_code": "GUARD.DENIED",
    }
    assert (denial.signal, denial.run_id, denial.task_id) == ("guard_denial", RUN_ID, given.ids["a"])
    again = await asyncio.to_thread(home.dome, "memory", "ingest", "--runtime", "--json")
    assert (again.documents()[-1]["refusals"], again.documents()[-1]["facts_new"]) == (0, 0)
    resumed = await asyncio.to_thread(home.dome, "plan", "resume", RUN_ID)
    assert (resumed.code, "GUARD.DENIED" in resumed.err) == (67, True), resumed.err
