"""Whether the history of the baseline is the one that was committed, and whether what it says of its moves is true.

The baseline is a folder that everybody can write, and its history another. Git remembers both: a row that stood there
once still stands there, and a move is worked out anew from what was before and after it. Without a repository nothing
was committed, and nothing is asked.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from dome_spec.contracts.baseline import history, moves, reasons
from dome_spec.contracts.baseline.fault import BaselineFault
from dome_spec.contracts.baseline.history import Blessing, HistoryUnreadable
from dome_spec.contracts.baseline.plan import Move
from dome_spec.contracts.layout import Layout
from dome_spec.contracts.policy import Need
from dome_spec.contracts.sources import SourceError
from dome_spec.kernel import NotARepository, RefNotFound, Repository
from dome_spec.kernel.vcs_history import changes, every_version

MOVES_CHECKED_MAX: Final = 5
"""Most moves of the baseline that are worked out anew, the newest first."""
_BREAKS: Final = ("INCOMPATIBLE", history.REMOVED)
_HARMLESS: Final = ("COMPATIBLE", "MEANING_CHANGED", history.FIRST, history.MOVED)
_PUT_BACK: Final = "Put the rows back; a blessing that was a mistake is followed by another one that moves back."
_BLESS: Final = "Take the move back (`git checkout -- contracts/baseline`), and make it with `dome contracts bless`."

Files = dict[str, bytes]
"""The files of a baseline, by their path below it."""


def record_faults(layout: Layout, rows: Sequence[Blessing]) -> list[BaselineFault]:
    """Rows that were committed and are gone or changed, and moves that are not what their rows say.

    Raises RepositoryUnreadable.
    """
    try:
        with Repository.find(layout.root) as repository:
            if repository.root is None:
                return []
            record = _Record(repository, layout)
            return [*record.lost(rows), *record.untrue(rows)]
    except (NotARepository, RefNotFound):
        return []


class _Record:
    """What git remembers of one baseline."""

    def __init__(self, repository: Repository, layout: Layout) -> None:
        self._repository = repository
        self._layout = layout
        self._place = layout.blessings.relative_to(layout.root).as_posix()
        assert repository.root is not None
        root = layout.root.resolve().relative_to(repository.root)
        self._blessings, self._baseline, self._registry = (
            (root / path.relative_to(layout.root)).as_posix()
            for path in (layout.blessings, layout.baseline, layout.registry)
        )

    def lost(self, rows: Sequence[Blessing]) -> Iterator[BaselineFault]:
        """Committed rows that do not stand there any more, or in another order."""
        told: set[Blessing] = set()
        for commit_id, _ in every_version(self._repository, self._blessings):
            for row in _missing(self._rows(commit_id), rows):
                if row not in told:
                    told.add(row)
                    what = f"the row of {row.family} that was committed ({commit_id[:12]}) is gone or was edited"
                    yield BaselineFault(self._place, what, _PUT_BACK)

    def untrue(self, rows: Sequence[Blessing]) -> Iterator[BaselineFault]:
        """Moves that nobody blessed, or that are graver than the blessing says."""
        steps: list[tuple[Sequence[Blessing], str]] = [(rows, "")]
        for commit_id, blob_id in changes(self._repository, self._blessings):
            if not blob_id:
                break
            if (earlier := self._rows(commit_id)) != steps[-1][0]:
                steps.append((earlier, commit_id))
            else:
                steps[-1] = (earlier, commit_id)
            if len(steps) > MOVES_CHECKED_MAX:
                break
        for (newer, after), (older, before) in pairwise(steps):
            yield from self._judged(self._files(before), self._files(after), _added(older, newer), before)

    def _judged(
        self, before: Files, after: Files, added: Sequence[Blessing], commit_id: str
    ) -> Iterator[BaselineFault]:
        row_of = history.last_of(added)
        if reasons.is_lost(before.get(moves.REASONS_FILE), after.get(moves.REASONS_FILE)):
            place = f"{self._place.rpartition('/')[0]}/{moves.REASONS_FILE}"
            yield BaselineFault(place, "a reason is gone, or was changed, since it was blessed", _BLESS)
        for move in _moved(before, after, self._read(commit_id, self._registry)):
            row = row_of.get(move.path)
            if row is None:
                yield BaselineFault(self._place, f"{move.family} moved, and no row says so", _BLESS)
            elif move.verdict in _BREAKS and row.verdict in _HARMLESS:
                what = f"the row of {move.family} says {row.verdict}, and the move is {move.verdict}"
                yield BaselineFault(self._place, what, _BLESS)
            elif (move.need is Need.ADR and not row.adr) or (move.need is Need.NOTE and not (row.note or row.adr)):
                asked = "a decision (`--adr`)" if move.need is Need.ADR else "a note (`--note`)"
                what = f"{move.family} moved ({move.verdict}) without {asked}, which its tier asks for"
                yield BaselineFault(self._place, what, _BLESS)

    def _rows(self, commit_id: str) -> list[Blessing]:
        """The rows of a commit; none where they cannot be read."""
        try:
            return history.read(self._read(commit_id, self._blessings))
        except HistoryUnreadable:
            return []

    def _files(self, commit_id: str) -> Files:
        """The baseline of a commit; without one, as it lies there."""
        if commit_id:
            found = self._repository.files(commit_id, self._baseline)
            return {each.path.removeprefix(f"{self._baseline}/"): self._read(commit_id, each.path) for each in found}
        base = self._layout.baseline
        return {path.relative_to(base).as_posix(): path.read_bytes() for path in base.rglob("*") if path.is_file()}

    def _read(self, commit_id: str, path: str) -> bytes:
        there = self._repository.files(commit_id, path.rpartition("/")[0])
        return self._repository.read(commit_id, path) if any(each.path == path for each in there) else b""


def _missing(earlier: Sequence[Blessing], present: Sequence[Blessing]) -> list[Blessing]:
    """The earlier rows that do not follow each other among the present ones."""
    found: list[Blessing] = []
    at = 0
    for row in earlier:
        try:
            at = list(present).index(row, at) + 1
        except ValueError:
            found.append(row)
    return found


def _added(earlier: Sequence[Blessing], present: Sequence[Blessing]) -> list[Blessing]:
    """The present rows without the earlier ones."""
    rest = list(earlier)
    found: list[Blessing] = []
    for row in present:
        if rest and row == rest[0]:
            rest.pop(0)
        else:
            found.append(row)
    return found


def _moved(before: Files, after: Files, registry: bytes) -> Sequence[Move]:
    """What `bless` would have found, had it made this move."""
    with TemporaryDirectory(prefix="dome-baseline-") as folder:
        layout = Layout(Path(folder))
        schemas = f"{moves.SCHEMAS}/"
        wanted = {layout.baseline / path: data for path, data in before.items()}
        wanted |= {layout.contracts / path: data for path, data in after.items() if path.startswith(schemas)}
        if moves.WIRE_FILE in after:
            wanted[layout.descriptors] = after[moves.WIRE_FILE]
        if registry:
            wanted[layout.registry] = registry
        for path, data in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        try:
            return moves.plan(layout).moves
        except SourceError:
            return ()  # there are no schemas: each file that is gone is told by its digest
