"""The catalog: which tools there are for a caller, and what was left out and why. Runs nothing."""

import difflib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from dome_contracts.canonical import digest
from dome_contracts.runtime.v1 import CatalogProblem, CatalogProblemKind
from domed.catalog.manifest import Rules, printable
from domed.catalog.roots import Contents, Root, RootReader, roots
from domed.catalog.tool import Tool
from domed.errors import SkillNotFound

SIMILAR_MAX: Final = 3
READERS_MAX: Final = 256
"""Most roots whose contents are kept: a caller may come from anywhere."""
FULL_LOOK_EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class CatalogView:
    """The catalog as one caller sees it at one moment."""

    revision: str
    """Digest over the ids, versions, digests and problems: equal revisions list the same."""
    tools: tuple[Tool, ...]
    """By id."""
    problems: tuple[CatalogProblem, ...]
    """By path."""
    _by_id: Mapping[str, Tool] = field(repr=False, compare=False)

    def tool(self, skill_id: str) -> Tool | None:
        """The entry of this id."""
        return self._by_id.get(skill_id)

    def require(self, skill_id: str) -> Tool:
        """The entry of this id. Raises SkillNotFound with why it was left out, or with the ids that look like it."""
        if found := self._by_id.get(skill_id):
            return found
        for problem in self.problems:
            if problem.tool_id == skill_id and problem.kind is CatalogProblemKind.REJECTED:
                raise SkillNotFound(skill_id, rejection=problem.message)
        similar = difflib.get_close_matches(skill_id[:256].lower(), self._by_id, n=SIMILAR_MAX)
        raise SkillNotFound(skill_id, similar=similar)


@dataclass(frozen=True, slots=True)
class _Known:
    """A view with what it was made of."""

    contents: tuple[Contents, ...]
    view: CatalogView
    looked_at_s: float


class Catalog:
    """Reads the roots anew with each view, at the cost of looking whether the files are the ones that were read.

    For one thread.
    """

    def __init__(
        self,
        builtin_root: Path,
        user_roots: Sequence[Path] = (),
        project_roots: Sequence[str] = (),
        trusted_digests: Set[str] = frozenset(),
        *,
        pycache: Path | None = None,
        monotonic: Callable[[], float],
    ) -> None:
        self._builtin_root = builtin_root
        self._user_roots = tuple(user_roots)
        self._project_roots = tuple(project_roots)
        self._rules = Rules(trusted_digests=frozenset(trusted_digests), pycache=pycache)
        self._readers: OrderedDict[Root, RootReader] = OrderedDict()
        self._monotonic = monotonic
        self._views: OrderedDict[tuple[Root, ...], _Known] = OrderedDict()

    def view(self, working_directory: str = "") -> CatalogView:
        """The catalog for a caller in this directory. An edit is seen by the next view; no restart is needed.

        The first root that has an id wins it; the others of that id are listed as problems.
        """
        key = self._roots(working_directory)
        contents = tuple(self._reader(root).contents() for root in key)
        known = self._views.get(key)
        if known is not None and all(now is then for now, then in zip(contents, known.contents, strict=True)):
            view = known.view
        else:
            view = _merged(contents)
        self._views[key] = _Known(contents, view, self._monotonic())
        self._views.move_to_end(key)
        while len(self._views) > READERS_MAX:
            self._views.popitem(last=False)
        return view

    def require(self, skill_id: str, working_directory: str = "") -> Tool:
        """The entry of this id for a caller in this directory. Raises SkillNotFound, as the view's method.

        Looks at the files of this one entry where a view of the directory is at most FULL_LOOK_EVERY_S old, so that
        asking for one tool does not cost a look at a thousand. An edit to the tool itself is always seen; one that
        gives its id to an earlier folder is, after that time.
        """
        key = self._roots(working_directory)
        known = self._views.get(key)
        if known is not None and self._monotonic() - known.looked_at_s <= FULL_LOOK_EVERY_S:
            found = known.view.tool(skill_id)
            if found is not None and any(self._reader(root).still_holds(found) for root in key):
                return found
        return self.view(working_directory).require(skill_id)

    def _roots(self, working_directory: str) -> tuple[Root, ...]:
        return roots(self._builtin_root, self._user_roots, self._project_roots, working_directory=working_directory)

    def _reader(self, root: Root) -> RootReader:
        reader = self._readers.get(root)
        if reader is None:
            reader = self._readers[root] = RootReader(root, rules=self._rules, monotonic=self._monotonic)
        self._readers.move_to_end(root)
        while len(self._readers) > READERS_MAX:
            self._readers.popitem(last=False)
        return reader


def _merged(contents: Sequence[Contents]) -> CatalogView:
    by_id: dict[str, Tool] = {}
    problems: list[CatalogProblem] = []
    for entry in (entry for root in contents for entry in root.entries):
        if isinstance(entry, CatalogProblem):
            problems.append(entry)
        elif (winner := by_id.setdefault(entry.tool_id, entry)) is not entry:
            problems.append(_collision(entry, winner))
    tools = tuple(by_id[tool_id] for tool_id in sorted(by_id))
    problems.sort(key=lambda problem: (problem.path, problem.message))
    return CatalogView(_revision(tools, problems), tools, tuple(problems), MappingProxyType(by_id))


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
            "tools": [[tool.tool_id, tool.version, tool.digest, int(tool.origin)] for tool in tools],
            "problems": [[int(problem.kind), problem.path, problem.tool_id, problem.message] for problem in problems],
        }
    )
