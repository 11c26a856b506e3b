"""The store as a model: what a store must do, to read and to test with. Nothing survives the process."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from dome_contracts.ids import JobId, RefusalId
from domed.errors import JobNotFound
from domed.faults import SeqTaken, StoreClosed
from domed.jobs import encoding
from domed.jobs.approval import Approval, Place
from domed.jobs.model import Job, KeyBinding, StoredEvent
from domed.jobs.refusal import Refusal
from domed.store.port import Begun, Changes, JobChange, JobQuery, OutputLimits, RefusalQuery


class MemoryStore:
    """Fulfils `domed.store.port.JobStore`."""

    def __init__(self, store_id: str) -> None:
        self._store_id = store_id
        self._jobs: dict[JobId, Job] = {}
        self._payloads: dict[JobId, bytes] = {}
        self._events: dict[JobId, list[StoredEvent]] = {}
        self._keys: dict[tuple[int, str], KeyBinding] = {}
        self._changes: list[JobChange] = []
        self._latest = 0
        self._refusals: dict[RefusalId, Refusal] = {}
        self._kept: dict[JobId, datetime] = {}
        self._approvals: dict[Place, Approval] = {}
        self._expired: set[JobId] = set()
        self._gone: dict[str, int] = {}
        self._orphans: dict[str, int] = {}
        self._closed = False

    @property
    def store_id(self) -> str:
        return self._store_id

    def answers(self) -> asyncio.Future[None]:
        self._check_open()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def create(
        self, job: Job, payload: bytes, event: StoredEvent, *, begun: Begun | None = None
    ) -> asyncio.Future[KeyBinding | None]:
        self._check_open()
        done: asyncio.Future[KeyBinding | None] = asyncio.get_running_loop().create_future()
        submission = job.submission
        key = (submission.requester.uid, submission.idempotency_key)
        if submission.idempotency_key and key in self._keys:
            done.set_result(self._keys[key])
            return done
        if submission.idempotency_key:
            self._keys[key] = KeyBinding(job.job_id, submission.request_digest, job.create_time)
        self._jobs[job.job_id] = job
        self._change(job)
        self._payloads[job.job_id] = payload
        self._events[job.job_id] = [event]
        if begun is not None:
            self._jobs[job.job_id] = begun.job
            self._change(begun.job)
            self._events[job.job_id].append(begun.event)
        done.set_result(None)
        return done

    def append(self, job: Job, events: Sequence[StoredEvent], *, row: bool = True) -> asyncio.Future[None]:
        self._check_open()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        stored = self._events.get(job.job_id, [])
        if not stored or events[0].seq != stored[-1].last_seq + 1:
            done.set_exception(SeqTaken(f"the store has another event {events[0].seq} of {job.job_id}"))
            return done
        stored.extend(events)
        before = self._jobs[job.job_id]
        self._jobs[job.job_id] = job if row else replace(before, last_seq=events[-1].last_seq)
        if self._jobs[job.job_id].state is not before.state:
            self._change(job)
        if job.end_time is not None:
            self._kept[job.job_id] = job.end_time
        done.set_result(None)
        return done

    async def job(self, job_id: JobId) -> Job | None:
        self._check_open()
        return self._jobs.get(job_id)

    async def binding(self, uid: int, key: str) -> KeyBinding | None:
        self._check_open()
        return self._keys.get((uid, key))

    async def payload(self, job_id: JobId) -> bytes:
        self._check_open()
        if job_id not in self._payloads:
            raise JobNotFound(job_id)
        return self._payloads[job_id]

    async def jobs(self, query: JobQuery) -> Sequence[Job]:
        self._check_open()
        newest_first = sorted(self._jobs.values(), key=lambda job: job.job_id, reverse=True)
        found = [job for job in newest_first if query.fits(job)][: query.limit]
        return [_listed(job) for job in found]

    async def changes(self, *, since_revision: int, limit: int) -> Changes:
        self._check_open()
        found = [change for change in self._changes if change.revision > since_revision][:limit]
        return Changes(self._latest - len(self._changes) + 1, self._latest, found)

    def trim_changes(self, *, kept_max: int) -> asyncio.Future[int]:
        self._check_open()
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        removed = max(0, len(self._changes) - kept_max)
        del self._changes[:removed]
        done.set_result(removed)
        return done

    async def names_artifact(self, digest: str) -> bool:
        self._check_open()
        return digest in self._artifacts()

    async def artifact_gone(self, digest: str) -> bool:
        self._check_open()
        return digest in self._gone

    async def artifact_bytes(self) -> int:
        self._check_open()
        return sum((self._orphans | self._artifacts()).values())

    async def artifact_holders(self, *, limit: int) -> Sequence[JobId]:
        self._check_open()
        return [job_id for job_id in self._kept if self._jobs[job_id].artifacts and job_id not in self._expired][:limit]

    async def orphans(self, *, limit: int) -> Mapping[str, int]:
        self._check_open()
        return {digest: self._orphans[digest] for digest in sorted(self._orphans)[:limit]}

    def settle_orphans(self, digests: Collection[str]) -> asyncio.Future[None]:
        self._check_open()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for digest in digests:
            self._orphans.pop(digest, None)
        done.set_result(None)
        return done

    async def events(self, job_id: JobId, *, since_seq: int, bytes_max: int) -> Sequence[StoredEvent]:
        self._check_open()
        found: list[StoredEvent] = []
        size = 0
        for event in self._events.get(job_id, []):
            if event.last_seq > since_seq:
                size += len(event.data)
                if found and size > bytes_max:
                    break
                found.append(event)
        return found

    async def expiring(self, limits: OutputLimits, *, limit: int) -> Sequence[JobId]:
        self._check_open()
        found: list[JobId] = []
        total = 0
        for place, (job_id, end_time) in enumerate(reversed(self._kept.items()), start=1):
            total += len(self._payloads.get(job_id, b"")) + sum(len(event.data) for event in self._events[job_id])
            beyond = place > limits.jobs_max or (total > limits.bytes_max and place > 1)
            if beyond or end_time < limits.end_time_min:
                found.append(job_id)
        return found[::-1][:limit]

    def expire(self, job_id: JobId, *, bytes_max: int) -> asyncio.Future[bool]:
        self._check_open()
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._payloads.pop(job_id, None)
        self._give_up(job_id)
        self._keys = {
            key: replace(binding, expired=binding.expired or binding.job_id == job_id)
            for key, binding in self._keys.items()
        }
        kept: list[StoredEvent] = []
        removed = 0
        whole = True
        for event in self._events[job_id]:
            if encoding.is_bulk(event.data) and (not removed or removed + len(event.data) <= bytes_max) and whole:
                removed += len(event.data)
            else:
                whole = whole and not encoding.is_bulk(event.data)
                kept.append(event)
        self._events[job_id] = kept
        if whole:
            self._kept.pop(job_id, None)
        done.set_result(whole)
        return done

    async def oldest_seq(self, job_id: JobId) -> int:
        self._check_open()
        events = self._events[job_id]
        breaks = [after.seq for before, after in pairwise(events) if after.seq != before.last_seq + 1]
        return breaks[-1] if breaks else 1

    def refuse(self, refusal: Refusal) -> asyncio.Future[None]:
        self._check_open()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._refusals[refusal.refusal_id] = refusal
        done.set_result(None)
        return done

    def omit_refusals(self, after: RefusalId, *, count: int) -> asyncio.Future[None]:
        self._check_open()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if (known := self._refusals.get(after)) is not None:
            self._refusals[after] = replace(known, omitted_count=known.omitted_count + count)
        done.set_result(None)
        return done

    def trim_refusals(self, *, kept_max: int, occur_time_min: datetime) -> asyncio.Future[int]:
        self._check_open()
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        newest = set(sorted(self._refusals, reverse=True)[:kept_max])
        removed = [
            refusal_id
            for refusal_id, refusal in self._refusals.items()
            if refusal_id not in newest or refusal.occur_time < occur_time_min
        ]
        for refusal_id in removed:
            del self._refusals[refusal_id]
        done.set_result(len(removed))
        return done

    async def refusals(self, query: RefusalQuery) -> Sequence[Refusal]:
        self._check_open()
        newest_first = [self._refusals[refusal_id] for refusal_id in sorted(self._refusals, reverse=True)]
        return [refusal for refusal in newest_first if query.fits(refusal)][: query.limit]

    def approve(self, approval: Approval) -> asyncio.Future[None]:
        self._check_open()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._approvals.setdefault(approval.place, approval)
        done.set_result(None)
        return done

    def revoke(self, places: Collection[Place]) -> asyncio.Future[None]:
        self._check_open()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for place in places:
            self._approvals.pop(place, None)
        done.set_result(None)
        return done

    async def approvals(self) -> Sequence[Approval]:
        self._check_open()
        return list(self._approvals.values())

    async def close(self) -> None:
        self._closed = True

    def _change(self, job: Job) -> None:
        self._latest += 1
        self._changes.append(JobChange(self._latest, _listed(job)))

    def _artifacts(self) -> dict[str, int]:
        kept = [job for job_id, job in self._jobs.items() if job_id not in self._expired]
        return {each.digest: each.size_bytes for job in kept for each in job.artifacts}

    def _give_up(self, job_id: JobId) -> None:
        if job_id in self._expired:
            return
        self._expired.add(job_id)
        named = self._artifacts()
        left = {each.digest: each.size_bytes for each in self._jobs[job_id].artifacts if each.digest not in named}
        self._gone |= left
        self._orphans |= left

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed("the store is closed")


def _listed(job: Job) -> Job:
    return replace(job, outcome=job.outcome and replace(job.outcome, result=b""))
