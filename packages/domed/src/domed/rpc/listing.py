"""Pages of jobs, and of refused requests where they are asked for: in one order, that in which their ids were made."""

from collections.abc import Mapping
from typing import Any

from dome_contracts import ids
from dome_contracts.ids import Body
from dome_contracts.runtime.v1 import Job, ListJobsRequest, ListJobsResponse, RefusedRequest
from domed.ledger import JobLedger
from domed.rpc import fields, page_token
from domed.rpc.translate import job_query, refusal_query, refused_request, wire_job


class Listing:
    """Answers ListJobs. One for the daemon."""

    def __init__(self, ledger: JobLedger, *, store_id: str) -> None:
        self._ledger = ledger
        self._store_id = store_id

    async def page(self, message: ListJobsRequest) -> ListJobsResponse:
        """The page that the request asks for. Raises InvalidRequest."""
        size = page_token.page_size(message.page_size)
        fields.check_label_count(message.labels)
        binding = self._binding(message)
        position = page_token.position(message.page_token, binding)
        before = Body(position) if position else None
        # Before the page is read: a change in between is seen twice rather than not at all.
        revision = 0 if before else (await self._ledger.changes(since_revision=0, limit=0)).latest
        found = await self._entries(message, before=before, limit=size + 1)
        page = page_token.fitting(found[:size])
        more = len(found) > len(page)
        return ListJobsResponse(
            jobs=[entry for entry in page if isinstance(entry, Job)],
            refused=[entry for entry in page if isinstance(entry, RefusedRequest)],
            next_page_token=page_token.token(_body(page[-1]), binding) if more else "",
            revision=revision,
        )

    async def _entries(
        self, message: ListJobsRequest, *, before: Body | None, limit: int
    ) -> list[Job | RefusedRequest]:
        jobs = await self._ledger.jobs(
            job_query(message, before=None if before is None else ids.job_id(before), limit=limit)
        )
        entries: list[Job | RefusedRequest] = [wire_job(job) for job in jobs]
        if message.include_refused:
            query = refusal_query(message, before=None if before is None else ids.refusal_id(before), limit=limit)
            entries += [refused_request(refusal) for refusal in await self._ledger.refusals.newest(query)]
            entries.sort(key=_body, reverse=True)
        return entries[:limit]

    def _binding(self, message: ListJobsRequest) -> Mapping[str, Any]:
        times = (message.create_time_min, message.create_time_max)
        return {
            "call": "ListJobs",
            "states": sorted(int(state) for state in message.states),
            "skill_id": message.skill_id,
            "run_id": message.run_id,
            "labels": dict(message.labels),
            "times": [time.isoformat() if time is not None else "" for time in times],
            "include_refused": message.include_refused,
            "store": self._store_id,
        }


def _body(entry: Job | RefusedRequest) -> str:
    return ids.body_of(entry.job_id if isinstance(entry, Job) else entry.refusal_id)
