"""Calls about the catalog, where no whole daemon can show it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.runtime.v1 import ListToolsRequest, ListToolsResponse, Requester, TrustDecision, TrustToolRequest
from domed.catalog import BUILT_IN_ROOT, Catalog, LiveCatalog, Trust
from domed.clock import SystemClock
from domed.errors import InvalidRequest
from domed.jobs.approval import Place
from domed.ledger import Approvals
from domed.rpc.page_token import token
from domed.rpc.tools import Tools
from domed.store.memory import MemoryStore
from packages.domed.tests.runtime_suite import write_tool
from packages.domed.tests.values import FixedClock


async def page(rig: "Rig", **asked: Any) -> ListToolsResponse:
    """An answer as a client has it."""
    return ListToolsResponse.parse((await rig.tools.page(ListToolsRequest(**asked))).SerializeToString())


@dataclass
class Rig:
    tools: Tools
    approvals: Approvals
    store: MemoryStore


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    write_tool(tmp_path / "tools", "user.hello", "echo hello")

    def fail(error: BaseException) -> None:
        raise AssertionError(error)

    store = MemoryStore("store-memory")
    approvals = Approvals(store, clock=FixedClock(), fail=fail)
    catalog = LiveCatalog(
        Catalog(
            BUILT_IN_ROOT,
            [tmp_path / "tools"],
            monotonic=SystemClock().monotonic,
            trust=lambda: Trust(places=approvals.places),
        )
    )
    yield Rig(Tools(catalog, approvals), approvals, store)
    catalog.close()


async def test_approvals_that_do_not_fit_are_counted(rig: Rig) -> None:
    long = "/" + "x" * 4000
    for number in range(1000):
        await rig.approvals.approve(Place(f"{long}/{number:04}", "a.tool", "sha256:1"), Requester())
    answer = await page(rig, include_approvals=True)
    assert 0 < len(answer.approvals) < 1000
    assert answer.omitted_approvals == 1000 - len(answer.approvals)
    assert (await page(rig)).omitted_approvals == 0


@pytest.mark.parametrize("position", ["", "no.such", "sha256:none process.run"])
async def test_a_token_whose_position_is_no_place_of_the_listing_is_refused(rig: Rig, position: str) -> None:
    binding = {"call": "ListTools", "words": [], "kind": 0, "working_directory": "", "include_approvals": False}
    if position == "no.such":
        position = f"{(await page(rig)).catalog_revision} no.such"
    if not position:
        assert (await page(rig, page_token=token(position, binding))).tools
        return
    with pytest.raises(InvalidRequest) as refused:
        await page(rig, page_token=token(position, binding))
    assert [violation.field for violation in refused.value.violations] == ["page_token"]


async def test_a_shipped_tool_needs_no_approval_and_gets_none(rig: Rig) -> None:
    listed = (await page(rig, query="process.run")).tools[0]
    approved = TrustToolRequest(tool_id=listed.tool_id, tool_digest=listed.tool_digest)
    assert (await rig.tools.trust(approved, Requester())).tool == listed
    assert rig.approvals.listed() == []
    revoked = TrustToolRequest(tool_id=listed.tool_id, decision=TrustDecision.REVOKE)
    assert (await rig.tools.trust(revoked, Requester())).tool == listed
