"""The calls about the catalog: listing with its pages, one tool in full, and the user's word on a tool."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from dome_contracts.runtime.v1 import (
    GetToolRequest,
    GetToolResponse,
    ListToolsRequest,
    ListToolsResponse,
    Requester,
    TrustDecision,
    TrustToolRequest,
    TrustToolResponse,
)
from dome_contracts.wire import encode
from domed.catalog import CatalogView, LiveCatalog, Tool
from domed.errors import FieldViolation, InvalidRequest, ManifestChanged, SkillNotFound
from domed.jobs.approval import Place
from domed.ledger import Approvals
from domed.rpc import page_token
from domed.rpc.admission import real_path, resolve
from domed.rpc.codec import SplicedTools
from domed.rpc.page_token import fitting, fitting_count
from domed.rpc.translate import approval, descriptor, shown_problems, summary

VIEWS_MAX: Final = 4
"""Most views whose summaries are kept in bytes."""


class Summaries:
    """The bytes of summaries, made once for each view that is listed."""

    def __init__(self) -> None:
        self._made: deque[tuple[CatalogView, dict[str, bytes]]] = deque(maxlen=VIEWS_MAX)

    def of(self, view: CatalogView, tools: Sequence[Tool]) -> list[bytes]:
        """The summaries of some tools of a view, encoded."""
        made = next((known for each, known in self._made if each is view), None)
        if made is None:
            made = {}
            self._made.append((view, made))
        return [made.get(tool.tool_id) or made.setdefault(tool.tool_id, encode(summary(tool))) for tool in tools]


class Tools:
    """Answers about tools. One for the daemon."""

    def __init__(self, catalog: LiveCatalog, approvals: Approvals) -> None:
        self._catalog = catalog
        self._approvals = approvals
        self._summaries = Summaries()

    async def page(self, request: ListToolsRequest) -> ListToolsResponse:
        """One page of the catalog. Raises InvalidRequest and WorkingDirectoryInvalid."""
        size = page_token.page_size(request.page_size)
        binding = {
            "call": "ListTools",
            "words": request.query.casefold().split(),
            "kind": int(request.kind),
            "working_directory": request.working_directory,
            "include_approvals": request.include_approvals,
        }
        revision, _, after = page_token.position(request.page_token, binding).partition(" ")
        view = await self._view(request, revision=revision)
        found = view.search(request.query, kind=request.kind)
        rest = found[_index_after(found, after) :][: size + 1] if after else found[: size + 1]
        encoded = self._summaries.of(view, rest[:size])
        count = fitting_count(encoded)
        more = len(rest) > count
        answer = ListToolsResponse(
            next_page_token=page_token.token(f"{view.revision} {rest[count - 1].tool_id}", binding) if more else "",
            catalog_revision=view.revision,
        )
        if not request.page_token:
            answer.problems = shown_problems(view.problems, fitting(view.problems))
            if request.include_approvals:
                approvals = [approval(each) for each in self._approvals.listed()]
                answer.approvals = list(fitting(approvals))
                answer.omitted_approvals = len(approvals) - len(answer.approvals)
        return SplicedTools.of(encoded[:count], answer)

    async def one(self, request: GetToolRequest) -> GetToolResponse:
        """One tool in full. Raises SkillNotFound and WorkingDirectoryInvalid."""
        tool = await self._catalog.require(request.tool_id, resolve(request.working_directory))
        return GetToolResponse(tool=descriptor(tool))

    async def trust(self, request: TrustToolRequest, requester: Requester) -> TrustToolResponse:
        """Approve or take back; durable when the call returns. Raises the DomedError that says why not."""
        match request.decision:
            case TrustDecision.UNSPECIFIED | TrustDecision.APPROVE:
                return await self._approve(request, requester)
            case TrustDecision.REVOKE:
                return await self._revoke(request)
            case _:
                raise InvalidRequest([FieldViolation("decision", "is none of the values of the contract")])

    async def _approve(self, request: TrustToolRequest, requester: Requester) -> TrustToolResponse:
        if not request.tool_digest:
            raise InvalidRequest([FieldViolation("tool_digest", "is required: name the digest that you saw")])
        directory = resolve(request.working_directory)
        tool = await self._catalog.require(request.tool_id, directory)
        if tool.digest != request.tool_digest:
            raise ManifestChanged(tool.tool_id, pinned=request.tool_digest, current=tool.digest)
        if not tool.trusted:
            await self._approvals.approve(Place(tool.root, tool.tool_id, tool.digest), requester)
        return TrustToolResponse(tool=summary(await self._catalog.require(request.tool_id, directory)))

    async def _revoke(self, request: TrustToolRequest) -> TrustToolResponse:
        directory = real_path(request.working_directory)
        roots = self._catalog.root_paths(directory)
        revoked = [
            each
            for each in self._approvals.listed()
            if each.place.tool_id == request.tool_id
            and each.place.root in roots
            and request.tool_digest in {"", each.place.tool_digest}
        ]
        if revoked:
            await self._approvals.revoke([each.place for each in revoked])
        answer = TrustToolResponse(revoked=[approval(each) for each in revoked])
        try:
            answer.tool = summary(await self._catalog.require(request.tool_id, directory))
        except SkillNotFound:
            if not revoked:
                raise
        return answer

    async def _view(self, request: ListToolsRequest, *, revision: str) -> CatalogView:
        directory = resolve(request.working_directory)
        if not revision:
            return await self._catalog.view(directory)
        if (view := await self._catalog.view_of(revision, directory)) is None:
            raise page_token.refused("belongs to a catalog that has changed since; begin anew without it")
        return view


def _index_after(tools: Sequence[Tool], tool_id: str) -> int:
    """Where the page after this tool begins. Raises InvalidRequest where the listing does not have it."""
    for index, tool in enumerate(tools):
        if tool.tool_id == tool_id:
            return index + 1
    raise page_token.refused("is none of this daemon's; begin anew without it")
