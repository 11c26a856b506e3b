"""Jobs and tools are listed in an order, in pages that every client takes; the daemon says what it can do."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from betterproto2 import Message
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from dome_contracts.runtime.v1 import (
    GetJobStatusRequest,
    GetToolRequest,
    JobState,
    ListCapabilitiesRequest,
    ListJobsRequest,
    ListToolsRequest,
    Permission,
    ToolKind,
    ToolTrust,
)
from domed.catalog.live import GIVEN_MAX
from packages.domed.tests.runtime.conftest import HELLO, refusal, violations
from packages.domed.tests.runtime_suite import Running, write_tool


async def test_jobs_are_listed_newest_first_and_page_by_page(dome: Running) -> None:
    made = [(await dome.execute("user.hello", labels={"n": str(n % 2)})).job_id for n in range(5)]
    for job_id in made:
        await dome.ended(job_id)
    request = ListJobsRequest(page_size=2)
    found: list[str] = []
    while True:
        page = await dome.stub.list_jobs(request)
        found += [job.job_id for job in page.jobs]
        if not page.next_page_token:
            break
        request = ListJobsRequest(page_size=2, page_token=page.next_page_token)
    assert found == made[::-1]
    labelled = await dome.stub.list_jobs(ListJobsRequest(labels={"n": "1"}, states=[JobState.SUCCEEDED]))
    assert [job.job_id for job in labelled.jobs] == [made[3], made[1]]
    assert (await dome.stub.list_jobs(ListJobsRequest(skill_id="other"))).jobs == []
    token = (await dome.stub.list_jobs(ListJobsRequest(page_size=1))).next_page_token
    for wrong in (
        ListJobsRequest(page_token=token, skill_id="user.hello"),
        ListJobsRequest(page_token="nonsense"),
        ListJobsRequest(page_token="AAAA"),
    ):
        assert await violations(dome.stub.list_jobs(wrong)) == ["page_token"]
    assert await violations(dome.stub.list_jobs(ListJobsRequest(page_size=1001))) == ["page_size"]
    many = ListJobsRequest(labels={str(n): "" for n in range(33)})
    assert await violations(dome.stub.list_jobs(many)) == ["labels"]


async def test_no_answer_is_larger_than_a_client_was_told_to_be_ready_for(dome: Running) -> None:
    limits = (await dome.stub.list_capabilities(ListCapabilitiesRequest())).limits
    assert limits is not None
    accepted = await dome.execute("user.large")
    ended = await dome.ended(accepted.job_id)
    assert ended.outcome is not None
    assert 8_000_000 < len(ended.outcome.result) <= 8 * 1024 * 1024
    answers: list[Message] = [
        await dome.stub.get_job_status(GetJobStatusRequest(job_id=accepted.job_id)),
        *await dome.answers(accepted.job_id),
    ]
    sizes = [len(bytes(answer)) for answer in answers]
    assert max(sizes) > len(ended.outcome.result)
    assert max(sizes) <= limits.answer_bytes_max


async def test_a_page_of_jobs_stays_below_what_every_client_takes(dome: Running) -> None:
    labels = {f"{n:02}{chr(0x1F600) * 100}": chr(0x1F600) * 128 for n in range(32)}
    made = [(await dome.execute("user.hello", labels=labels)).job_id for n in range(120)]
    found: list[str] = []
    request, pages = ListJobsRequest(page_size=1000), 0
    while request.page_token or not pages:
        page = await dome.stub.list_jobs(request)
        assert len(bytes(page)) < 4 * 1024 * 1024
        found += [job.job_id for job in page.jobs]
        request, pages = replace(request, page_token=page.next_page_token), pages + 1
    assert (found, pages) == (made[::-1], 2)


async def test_a_listed_job_has_its_outcome_without_the_result(dome: Running) -> None:
    ended = await dome.ended((await dome.execute("user.result")).job_id)
    assert ended.outcome is not None
    assert ended.outcome.result == b'{"n":1}'
    (listed,) = (await dome.stub.list_jobs(ListJobsRequest())).jobs
    assert listed == replace(ended, outcome=replace(ended.outcome, result=b""))


async def test_tools_are_listed_in_order_filtered_and_paged(dome: Running) -> None:
    listed = await dome.stub.list_tools(ListToolsRequest())
    found = [tool.tool_id for tool in listed.tools]
    assert found == sorted(found)
    assert {"process.run", "repo.search", "user.hello", "writing_commits"} <= set(found)
    trust = {tool.tool_id: tool.trust for tool in listed.tools}
    assert trust["user.untrusted"] is ToolTrust.UNTRUSTED
    assert trust["user.hello"] is ToolTrust.TRUSTED
    documents = await dome.stub.list_tools(ListToolsRequest(kind=ToolKind.DOCUMENT, query="COMMIT good"))
    assert [tool.tool_id for tool in documents.tools] == ["writing_commits"]
    first = await dome.stub.list_tools(ListToolsRequest(page_size=2))
    second = await dome.stub.list_tools(ListToolsRequest(page_size=2, page_token=first.next_page_token))
    assert [tool.tool_id for tool in (*first.tools, *second.tools)] == found[:4]
    other = ListToolsRequest(page_size=2, query="user", page_token=first.next_page_token)
    assert await violations(dome.stub.list_tools(other)) == ["page_token"]
    status, reason, _ = await refusal(dome.stub.list_tools(ListToolsRequest(working_directory="/no/such")))
    assert (status, reason) == (Status.INVALID_ARGUMENT, "WORKING_DIRECTORY_INVALID")


async def test_the_pages_of_one_listing_are_those_of_one_catalog(dome: Running, tmp_path: Path) -> None:
    whole = (await dome.stub.list_tools(ListToolsRequest())).tools
    page = await dome.stub.list_tools(ListToolsRequest(page_size=3))
    found, revision = list(page.tools), page.catalog_revision
    write_tool(tmp_path / "tools", "user.a_later_one", HELLO)
    (tmp_path / "tools" / "user.lines" / "run.sh").unlink()
    while page.next_page_token:
        page = await dome.stub.list_tools(ListToolsRequest(page_size=3, page_token=page.next_page_token))
        assert page.catalog_revision == revision
        found += page.tools
    assert found == whole
    anew = await dome.stub.list_tools(ListToolsRequest())
    assert anew.catalog_revision != revision
    changed = {tool.tool_id for tool in anew.tools} ^ {tool.tool_id for tool in whole}
    assert changed == {"user.a_later_one", "user.lines"}


async def test_a_page_token_ends_with_its_catalog_where_that_is_no_longer_kept(dome: Running, tmp_path: Path) -> None:
    first = await dome.stub.list_tools(ListToolsRequest(page_size=1))
    for number in range(GIVEN_MAX):
        write_tool(tmp_path / "tools", f"user.later{number}", HELLO)
        await dome.stub.list_tools(ListToolsRequest(page_size=1))
    stale = ListToolsRequest(page_size=1, page_token=first.next_page_token)
    assert await violations(dome.stub.list_tools(stale)) == ["page_token"]


async def test_a_search_lists_the_best_match_first_and_pages_through_it(dome: Running) -> None:
    best = (await dome.stub.list_tools(ListToolsRequest(query="TOOL here"))).tools[0]
    assert best.tool_id == "user.here"
    ranked = [tool.tool_id for tool in (await dome.stub.list_tools(ListToolsRequest(query="user"))).tools]
    page = await dome.stub.list_tools(ListToolsRequest(query="user", page_size=2))
    found = [tool.tool_id for tool in page.tools]
    while page.next_page_token:
        page = await dome.stub.list_tools(ListToolsRequest(query="user", page_size=2, page_token=page.next_page_token))
        found += [tool.tool_id for tool in page.tools]
    assert found == ranked


async def test_a_rejected_manifest_is_listed_with_its_reason(dome: Running, tmp_path: Path) -> None:
    write_tool(tmp_path / "tools", "user.broken", HELLO, version="not a version")
    problems = (await dome.stub.list_tools(ListToolsRequest())).problems
    assert any("user.broken" in problem.path for problem in problems)
    with pytest.raises(GRPCError, match=r"Its manifest was rejected: tool\.yaml: .*/version"):
        await dome.execute("user.broken")


async def test_a_tool_is_described_in_full(dome: Running) -> None:
    tool = (await dome.stub.get_tool(GetToolRequest(tool_id="process.run"))).tool
    assert tool is not None
    assert tool.summary is not None
    assert json.loads(tool.input_schema_document)["type"] == "object"
    assert Permission.PROCESS in tool.permissions
    document = (await dome.stub.get_tool(GetToolRequest(tool_id="writing_commits"))).tool
    assert document is not None
    assert "# Text" in document.description
    assert (await refusal(dome.stub.get_tool(GetToolRequest(tool_id="no.tool"))))[1] == "SKILL_NOT_FOUND"


async def test_capabilities_name_versions_contracts_limits_and_store(dome: Running) -> None:
    answer = await dome.stub.list_capabilities(ListCapabilitiesRequest())
    assert answer.api_versions == ["dome.runtime.v1"]
    assert answer.executor_backends == ["local-process"]
    assert answer.schema_versions["runtime/tool_manifest"] == "v1"
    assert answer.limits is not None
    assert answer.limits.message_bytes_max > answer.limits.input_bytes_max
    assert answer.store_id
    assert answer.catalog_revision
