"""What decides about a request before it is a job, where no whole daemon can show it."""

from pathlib import Path

import pytest

from dome_contracts.runtime.v1 import Requester, SkillExecuteRequest
from domed.bell import Bell
from domed.catalog import BUILT_IN_ROOT, Catalog, LiveCatalog
from domed.clock import SystemClock
from domed.errors import CapabilityMissing
from domed.ledger import JobLedger
from domed.locks import Locks
from domed.rpc.admission import Admission, Asked
from domed.store.memory import MemoryStore
from packages.domed.tests.runtime_suite import a_config
from packages.domed.tests.values import CountingIds, FixedClock


async def test_a_tool_whose_executor_the_daemon_lacks_is_refused_by_its_name(tmp_path: Path) -> None:
    ledger = JobLedger(MemoryStore("store-memory"), Bell(), clock=FixedClock(), ids=CountingIds())
    admission = Admission(
        catalog=LiveCatalog(Catalog(BUILT_IN_ROOT, monotonic=SystemClock().monotonic)),
        ledger=ledger,
        locks=Locks(),
        backends=["other"],
        config=a_config(tmp_path),
    )
    asked = Asked.of(SkillExecuteRequest(skill_id="process.run", input=b'{"argv": ["true"]}'), Requester())
    with pytest.raises(CapabilityMissing) as refused:
        await admission.admit(asked)
    assert refused.value.metadata == {"capability": "executor.local-process"}
