"""What decides about a request before it is a job, where no whole daemon can show it."""

from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import Requester, SkillExecuteRequest
from domed.bell import Bell
from domed.catalog import BUILT_IN_ROOT, Catalog, LiveCatalog, Tool
from domed.clock import SystemClock
from domed.errors import CapabilityMissing
from domed.ledger import JobLedger
from domed.locks import Locks
from domed.rpc.admission import Admission, Asked
from domed.rpc.given import Lacking, Lacks, nothing_lacks
from domed.store.memory import MemoryStore
from packages.domed.tests.runtime_suite import a_config
from packages.domed.tests.values import CountingIds, FixedClock


def an_admission(tmp_path: Path, *, backend: str = "local-process", lacks: Lacks = nothing_lacks) -> Admission:
    ledger = JobLedger(MemoryStore("store-memory"), Bell(), clock=FixedClock(), ids=CountingIds())
    return Admission(
        catalog=LiveCatalog(Catalog(BUILT_IN_ROOT, monotonic=SystemClock().monotonic)),
        ledger=ledger,
        locks=Locks(),
        backends=[backend],
        config=a_config(tmp_path),
        lacks=lacks,
    )


async def test_a_tool_whose_executor_the_daemon_lacks_is_refused_by_its_name(tmp_path: Path) -> None:
    admission = an_admission(tmp_path, backend="other")
    asked = Asked.of(SkillExecuteRequest(skill_id="process.run", input=b'{"argv": ["true"]}'), Requester())
    with pytest.raises(CapabilityMissing) as refused:
        await admission.admit(asked)
    assert refused.value.metadata == {"capability": "executor.local-process"}


async def test_a_tool_that_must_be_held_and_is_not_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    async def lacks(tool: Tool) -> Lacking | None:
        return Lacking("effects.network", f"Nothing holds {tool.tool_id}.")

    asked = Asked.of(SkillExecuteRequest(skill_id="process.run", input=b'{"argv": ["true"]}'), Requester())
    with pytest.raises(CapabilityMissing, match=r"Nothing holds process\.run\.") as refused:
        await an_admission(tmp_path, lacks=lacks).admit(asked)
    assert refused.value.metadata == {"capability": "effects.network"}
    assert (await an_admission(tmp_path).admit(asked)).submission.skill_id == "process.run"
