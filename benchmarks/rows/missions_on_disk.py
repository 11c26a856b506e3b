"""Row `missions-on-disk`: what commands on a large mission cost from its store, without the command line."""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.figures import Metric
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.missions import MISSION_ID, fill
from benchmarks.row import DOME, Part, Row, Setting
from dome_contracts.schema.governance.charter import Charter
from dome_contracts.schema.missions.status_event import NoteAdded, WorkspaceRef
from dome_contracts.schema.shared.definitions import ArtefactWitness, Effector, LaneOperation, MissionAction
from dome_spec.governance import CHARTER_PATH
from dome_spec.kernel import Ids, SystemClock, resolve_infra
from dome_spec.kernel.yaml_text import write_yaml
from dome_spec.mission_runtime import Missions, board
from dome_spec.missions.status import Given, MissionStatus, Wish
from dome_spec.missions.store import SqliteStore

PACKAGES: Final = 200
TAIL: Final = 128
"""Events since the last checkpoint: half of what lies between two."""
BOARD: Final = Metric("board", "ms")
NEXT: Final = Metric("next", "ms")
CLAIM: Final = Metric("claim", "ms")
_PACKAGE: Final = "WP001"
_ADA: Final = Effector.from_value({"kind": "human", "id": "ada"})
_COMMIT: Final = "3" * 40


def opened(root: Path, state: Path) -> Missions:
    """The missions of the repository, as a command would see them that is given now."""
    clock = SystemClock()
    infra = resolve_infra(root, {"XDG_STATE_HOME": str(state)})
    return Missions(infra=infra, clock=clock, ids=Ids(clock))


def show_board(root: Path, state: Path) -> None:
    """What `dome board` does."""
    missions = opened(root, state)
    with closing(missions.reading()) as store:
        board(missions.status(MISSION_ID, store).standing)


def ask_next(root: Path, state: Path) -> None:
    """What `dome mission next --query` does."""
    missions = opened(root, state)
    with closing(missions.reading()) as store:
        status = missions.status(MISSION_ID, store)
        missions.next(status.standing, None, _ADA, is_query=True)


def _claim(root: Path, state: Path, witness: ArtefactWitness) -> None:
    missions = opened(root, state)
    with closing(missions.writing()) as store:
        status = missions.status(MISSION_ID, store)
        workspace = WorkspaceRef(branch="refs/heads/main", base=_COMMIT)
        given = Given(witness=witness, workspace=workspace)
        wish = Wish(package=_PACKAGE, effector=_ADA, operation=LaneOperation.CLAIM, given=given)
        missions.permit(status.standing, wish)
        status.transition(wish)
        status.save()


def _told(root: Path, state: Path) -> ArtefactWitness:
    missions = opened(root, state)
    with closing(missions.reading()) as store:
        status = missions.status(MISSION_ID, store)
        artefact = missions.artefact(status.standing, MissionAction.IMPLEMENT, _PACKAGE, effector=_ADA)
        return ArtefactWitness(digest=artefact.digest, stream_version=artefact.stream_version)


def _release(root: Path, state: Path) -> None:
    missions = opened(root, state)
    with closing(missions.writing()) as store:
        status = missions.status(MISSION_ID, store)
        given = Given(reason="So it is.")
        status.transition(Wish(package=_PACKAGE, effector=_ADA, operation=LaneOperation.RELEASE, given=given))
        status.save()


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


async def _once(root: Path, state: Path, count: int) -> Samples:
    samples: dict[Metric, list[float]] = {BOARD: [], NEXT: [], CLAIM: []}
    for _ in range(count):
        samples[BOARD].append(_timed(partial(show_board, root, state)))
        samples[NEXT].append(_timed(partial(ask_next, root, state)))
        witness = _told(root, state)
        samples[CLAIM].append(_timed(partial(_claim, root, state, witness)))
        _release(root, state)
    return samples


def made(folder: Path, count: int) -> tuple[Path, Path]:
    """A repository whose mission has about so many events, and the place of its state."""
    root, state = folder / f"repository-{count}", folder / f"state-{count}"
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", "init", "-q", str(root)], check=True, capture_output=True)
    subprocess.run(["git", "symbolic-ref", "HEAD", "refs/heads/main"], cwd=root, check=True)
    subprocess.run(["git", *identity, "commit", "-q", "--allow-empty", "-m", "First"], cwd=root, check=True)
    charter = Charter.from_value(
        {
            "schema_version": "1",
            "version": "1.0.0",
            "title": "Charter",
            "purpose": "Be measured.",
            "adopted": {"accountable": {"kind": "human", "id": "ada"}, "time": "2026-01-02T03:04:05Z"},
            "activation": {},
            "policies": {},
        }
    )
    (root / CHARTER_PATH).parent.mkdir()
    (root / CHARTER_PATH).write_text(write_yaml(charter.to_value()))
    opened(root, state).infra.mint(Ids(SystemClock()))
    with closing(opened(root, state).writing()) as store:
        fill(store, count, PACKAGES)
        _note(root, state, store, 1)  # the first writer after a long log makes a checkpoint
        _note(root, state, store, TAIL)
    return root, state


def _note(root: Path, state: Path, store: SqliteStore, count: int) -> None:
    status: MissionStatus = opened(root, state).status(MISSION_ID, store)
    for _ in range(count):
        status.state("WP200", NoteAdded(kind="note_added", text="So it is."), _ADA)
    status.save()


def peak(root: Path, state: Path) -> str:
    """The most memory that a process of its own takes for the board, and without reading any mission."""
    program = "benchmarks.programs.board_of_missions"
    took = [
        subprocess.run([sys.executable, "-m", program, *words], check=True, capture_output=True, text=True).stdout
        for words in ((str(root), str(state)), ())
    ]
    return f"{int(took[0]) / 1024:.0f} MB; {int(took[1]) / 1024:.0f} MB of it before anything was read"


async def _measure(setting: Setting) -> tuple[Part, ...]:
    parts = []
    for size in (1_000, 10_000) if setting.quick else (1_000, 10_000, 100_000):
        root, state = made(setting.folder, size)
        turn = Turn(DOME, partial(_once, root, state, setting.many(10, quick=2)))
        facts = (("peak memory of one board", peak(root, state)),)
        parts.append(Part(await in_turns([turn], rounds=setting.rounds), size, facts))
    return tuple(parts)


ROW: Final = Row(
    name="missions-on-disk",
    work=f"Board, next step and claim of a mission of {PACKAGES} packages, each from the store on disk.",
    aim="board, next, claim <= 100 ms in process, whatever the log's length",
    measure=_measure,
    size="events",
)
