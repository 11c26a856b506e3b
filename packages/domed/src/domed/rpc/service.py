"""The calls of `RuntimeService`: read the request, ask the daemon, make the answer.

Each handler is a few lines; rules are in `fields` and `admission`, shapes in `translate`. Errors are raised as they
are: the edge answers.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Collection
from typing import Final, cast

from dome_contracts import ids
from dome_contracts.ids import JobId
from dome_contracts.runtime.v1 import (
    CancelJobRequest,
    CancelJobResponse,
    CancelRequested,
    DaemonLimits,
    GetJobStatusRequest,
    GetJobStatusResponse,
    GetToolRequest,
    GetToolResponse,
    ListCapabilitiesRequest,
    ListCapabilitiesResponse,
    ListJobsRequest,
    ListJobsResponse,
    ListLocksRequest,
    ListLocksResponse,
    ListToolsRequest,
    ListToolsResponse,
    ReadArtifactRequest,
    ReadArtifactResponse,
    RuntimeServiceBase,
    SkillExecuteRequest,
    SkillExecuteResponse,
    StreamJobEventsRequest,
    StreamJobEventsResponse,
    TrustToolRequest,
    TrustToolResponse,
    WatchJobsRequest,
    WatchJobsResponse,
)
from domed.artifacts import Artifacts
from domed.bell import Bell
from domed.catalog import LiveCatalog
from domed.clock import Clock
from domed.config import Config
from domed.errors import ArtifactGone, ArtifactNotFound, CapabilityMissing, DomedError, JobNotFound
from domed.executors.channel import RESULT_BYTES_MAX
from domed.executors.port import Executor
from domed.ledger import Accepted, JobLedger
from domed.locks import Locks
from domed.rpc import fields
from domed.rpc.admission import Admission, Admitted, Asked, payload_of
from domed.rpc.context import concern, current_call
from domed.rpc.events import Outbox
from domed.rpc.held_effects import held_effects
from domed.rpc.identity import Identity
from domed.rpc.listing import Listing
from domed.rpc.page_token import fitting
from domed.rpc.retry import repeated
from domed.rpc.streams import StreamSafe
from domed.rpc.tools import Tools
from domed.rpc.traced import traced
from domed.rpc.translate import lock, wire_job
from domed.rpc.watching import Watching
from domed.tail import Batch, tail
from domed.telemetry import Log, Tracer

PATH: Final = "/dome.runtime.v1.RuntimeService/"
NEW_WORK: Final = frozenset({f"{PATH}SkillExecute", f"{PATH}TrustTool"})
"""What a daemon that is stopping refuses."""
FEATURES: Final = (
    "artifact.read", "job.locks", "job.refused", "job.retry", "job.validate_only", "job.watch", "tool.trust",
)  # fmt: skip
HEARTBEAT_S: Final = 10.0
"""The contract says 15 at most; the rest is for a busy loop and a slow client."""
BATCH_BYTES_MAX: Final = 512 * 1024
"""Most bytes of events in one answer. One event may be larger; it goes alone."""
ANSWER_BYTES_MAX: Final = RESULT_BYTES_MAX + 1024 * 1024
"""Most bytes of an answer: a job or an event with its result and all that is said beside it. Lists have less."""

log = Log("rpc.service")


class RuntimeService(StreamSafe, RuntimeServiceBase):
    """Serves tools and jobs. What is not offered is answered with UNSUPPORTED and the name of its feature flag."""

    def __init__(
        self,
        *,
        ledger: JobLedger,
        bell: Bell,
        catalog: LiveCatalog,
        artifacts: Artifacts,
        locks: Locks,
        admission: Admission,
        executors: Collection[Executor],
        identity: Identity,
        config: Config,
        clock: Clock,
        tracer: Tracer | None = None,
    ) -> None:
        self.tracer = tracer
        self._ledger = ledger
        self._bell = bell
        self._catalog = catalog
        self._artifacts = artifacts
        self._locks = locks
        self._admission = admission
        self._executors = executors
        self._identity = identity
        self._config = config
        self._clock = clock
        self._tools = Tools(catalog, ledger.approvals)
        self._listing = Listing(ledger, store_id=identity.store_id)
        self._watching = Watching(ledger, bell, clock=clock, store_id=identity.store_id, heartbeat_s=HEARTBEAT_S)

    async def list_capabilities(self, message: ListCapabilitiesRequest) -> ListCapabilitiesResponse:
        me, config = self._identity, self._config
        return ListCapabilitiesResponse(
            server_version=me.version,
            api_versions=["dome.runtime.v1"],
            feature_flags=await self._features(),
            executor_backends=sorted(me.executor_backends),
            contract_hashes=dict(me.contract_hashes),
            schema_versions=dict(me.schema_versions),
            catalog_revision=(await self._catalog.view()).revision,
            store_id=me.store_id,
            start_time=me.start_time,
            limits=DaemonLimits(
                input_bytes_max=config.input_bytes_max,
                message_bytes_max=config.message_bytes_max,
                parallel_jobs_max=config.parallel_jobs_max,
                queued_jobs_max=config.queued_jobs_max,
                answer_bytes_max=ANSWER_BYTES_MAX,
            ),
        )

    async def list_tools(self, message: ListToolsRequest) -> ListToolsResponse:
        return await self._tools.page(message)

    async def get_tool(self, message: GetToolRequest) -> GetToolResponse:
        concern(message.tool_id)
        return await self._tools.one(message)

    async def trust_tool(self, message: TrustToolRequest) -> TrustToolResponse:
        concern(message.tool_id)
        answer = await self._tools.trust(message, current_call().requester)
        log.info("trust", tool=message.tool_id, digest=message.tool_digest, decision=message.decision.name)
        return answer

    @traced
    async def skill_execute(self, message: SkillExecuteRequest) -> SkillExecuteResponse:
        concern(message.skill_id)
        asked = Asked.of(message, current_call().requester)
        concern(message.skill_id, correlation=message.correlation, request_digest=asked.digest)
        if message.validate_only:
            if await self._accepted_before(asked) is None:
                await self._admitted(asked)
            return SkillExecuteResponse(request_digest=asked.digest)
        accepted = await self._accepted(asked)
        log.info(
            "accepted",
            job_id=accepted.job.job_id,
            tool=accepted.job.submission.skill_id,
            deduplicated=accepted.deduplicated,
            client=asked.caller.client,
        )
        return SkillExecuteResponse(
            job=wire_job(accepted.job), deduplicated=accepted.deduplicated, request_digest=asked.digest
        )

    async def get_job_status(self, message: GetJobStatusRequest) -> GetJobStatusResponse:
        return GetJobStatusResponse(job=wire_job(await self._ledger.job(_job_id(message.job_id))))

    async def list_jobs(self, message: ListJobsRequest) -> ListJobsResponse:
        return await self._listing.page(message)

    async def cancel_job(self, message: CancelJobRequest) -> CancelJobResponse:
        job_id = _job_id(message.job_id)
        fields.check_cancel_reason(message.reason)
        asked = CancelRequested(reason=message.reason, requester=current_call().requester)
        job = await self._ledger.cancel(job_id, asked)
        log.info("cancel asked for", job_id=job_id, state=job.state.name)
        return CancelJobResponse(job=wire_job(job))

    async def stream_job_events(self, message: StreamJobEventsRequest) -> AsyncGenerator[StreamJobEventsResponse, None]:
        following = tail(
            self._ledger,
            self._bell,
            _job_id(message.job_id),
            since_seq=message.since_seq,
            follow=message.follow,
            heartbeat_s=HEARTBEAT_S,
            bytes_max=BATCH_BYTES_MAX,
        )
        outbox = Outbox(self._clock, suppress_output=message.suppress_output, heartbeat_s=HEARTBEAT_S)
        async with contextlib.aclosing(cast("AsyncGenerator[Batch, None]", following)) as batches:
            async for batch in batches:
                if (answer := outbox.answer(batch)) is not None:
                    yield answer
                else:
                    await asyncio.sleep(0)  # nothing to send is no reason to keep the loop from others
        if (answer := outbox.last()) is not None:
            yield answer

    def watch_jobs(self, message: WatchJobsRequest) -> AsyncGenerator[WatchJobsResponse, None]:
        return self._watching.answers(message)

    async def read_artifact(self, message: ReadArtifactRequest) -> AsyncGenerator[ReadArtifactResponse, None]:
        fields.check_digest(message.digest)
        # What no event names may be on its way to its place, or about to go.
        if not await self._ledger.names_artifact(message.digest):
            raise await self._missing(message.digest)
        try:
            async with contextlib.aclosing(self._artifacts.read(message.digest, offset=message.offset)) as pieces:
                async for piece in pieces:
                    yield ReadArtifactResponse(data=piece)
        except ArtifactNotFound:
            raise await self._missing(message.digest) from None

    async def list_locks(self, message: ListLocksRequest) -> ListLocksResponse:
        locks = [lock(state) for state in self._locks.state()]
        shown = fitting(locks)
        return ListLocksResponse(locks=list(shown), omitted_locks=len(locks) - len(shown))

    async def _missing(self, digest: str) -> ArtifactGone | ArtifactNotFound:
        """Why an artifact is not there."""
        was_kept = await self._ledger.artifact_gone(digest) and not await self._ledger.names_artifact(digest)
        return ArtifactGone(digest) if was_kept else ArtifactNotFound(digest)

    async def _accepted(self, asked: Asked) -> Accepted:
        """The job of a request. One that was accepted keeps its job, whatever would speak against it by now.

        The key is looked up after the refusal, so that a job which was accepted meanwhile is found too.
        """
        try:
            admitted, payload = await self._admitted(asked)
            return await self._admission.accept(admitted, payload)
        except DomedError:
            if (before := await self._accepted_before(asked)) is None:
                raise
            return before

    async def _admitted(self, asked: Asked) -> tuple[Admitted, bytes]:
        """What becomes a job, and its input."""
        required = set(asked.request.required_features)
        if required and (missing := required.difference(await self._features())):
            raise CapabilityMissing(min(missing))
        whole = await repeated(asked, self._ledger)
        if whole is not asked:
            concern(whole.request.skill_id, correlation=whole.request.correlation, request_digest=asked.digest)
        return await self._admission.admit(whole), payload_of(whole.request)

    async def _features(self) -> list[str]:
        return sorted([*FEATURES, *await held_effects(self._executors)])

    async def _accepted_before(self, asked: Asked) -> Accepted | None:
        uid, key = asked.caller.uid, asked.request.idempotency_key
        return await self._ledger.known(uid, key, request_digest=asked.digest)


def _job_id(text: str) -> JobId:
    """Raises InvalidRequest for none, and JobNotFound for what no job can be called."""
    fields.check_job_id(text)
    try:
        return ids.parse_job_id(text)
    except ids.InvalidId:
        raise JobNotFound(text) from None
