"""The catalog as one caller sees it at one moment: what the roots hold, merged by their order. Pure."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.runtime.v1 import CatalogProblem, CatalogProblemKind, ToolKind
from domed.catalog.manifest import printable
from domed.catalog.roots import Contents, Held
from domed.catalog.search import found
from domed.catalog.tool import Tool
from domed.catalog.trust import Trust
from domed.errors import SkillNotFound

SIMILAR_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class CatalogView:
    """The catalog as one caller sees it at one moment."""

    revision: str
    """Digest over the ids, versions, digests, approvals and problems: equal revisions list the same."""
    tools: tuple[Tool, ...]
    """By id."""
    problems: tuple[CatalogProblem, ...]
    """By path."""
    _by_id: Mapping[str, Tool] = field(repr=False, compare=False)
    _held: Mapping[str, Held] = field(repr=False, compare=False)

    def tool(self, skill_id: str) -> Tool | None:
        """The entry of this id."""
        return self._by_id.get(skill_id)

    def held(self, skill_id: str) -> Held | None:
        """The folder that the entry of this id was read from."""
        return self._held.get(skill_id)

    def require(self, skill_id: str) -> Tool:
        """The entry of this id. Raises SkillNotFound with why it was left out, or with the ids that look like it."""
        if entry := self._by_id.get(skill_id):
            return entry
        for problem in self.problems:
            if problem.tool_id == skill_id and problem.kind is CatalogProblemKind.REJECTED:
                raise SkillNotFound(skill_id, rejection=problem.message)
        similar = difflib.get_close_matches(skill_id[:256].lower(), self._by_id, n=SIMILAR_MAX)
        raise SkillNotFound(skill_id, similar=similar)

    def search(self, query: str, *, kind: ToolKind = ToolKind.UNSPECIFIED) -> Sequence[Tool]:
        """The entries that have all words of the query, the best match first; without words all of them, by id."""
        wanted = self.tools if not kind else [tool for tool in self.tools if tool.kind is kind]
        return found(wanted, query.casefold().split())


def merged(contents: Sequence[Contents], trust: Trust) -> CatalogView:
    """The first root that has an id wins it; the others of that id are listed as problems."""
    by_id: dict[str, Tool] = {}
    held_by_id: dict[str, Held] = {}
    problems: list[CatalogProblem] = [problem for root in contents for problem in root.problems]
    for root in contents:
        for held in root.held:
            entry = held.loaded.entry
            if isinstance(entry, CatalogProblem):
                problems.append(entry)
            elif entry is not None and entry.tool_id in by_id:
                problems.append(_collision(entry, by_id[entry.tool_id]))
            elif entry is not None:
                trusted = entry.trusted or trust.covers(entry, root=root.real_path)
                by_id[entry.tool_id] = replace(entry, root=root.real_path, trusted=trusted)
                held_by_id[entry.tool_id] = held
    tools = tuple(by_id[tool_id] for tool_id in sorted(by_id))
    problems.sort(key=lambda problem: (problem.path, problem.message))
    return CatalogView(
        _revision(tools, problems), tools, tuple(problems), MappingProxyType(by_id), MappingProxyType(held_by_id)
    )


def _collision(loser: Tool, winner: Tool) -> CatalogProblem:
    return CatalogProblem(
        kind=CatalogProblemKind.COLLISION,
        path=printable(loser.location),
        tool_id=loser.tool_id,
        message=f"The id {loser.tool_id} belongs to {printable(winner.location)}, which comes first. "
        "Give this one another id, or remove one of the two.",
        origin=loser.origin,
    )


def _revision(tools: Sequence[Tool], problems: Sequence[CatalogProblem]) -> str:
    return digest(
        {
            "tools": [[tool.tool_id, tool.version, tool.digest, int(tool.origin), tool.trusted] for tool in tools],
            "problems": [[int(problem.kind), problem.path, problem.tool_id, problem.message] for problem in problems],
        }
    )
