"""Many processes at one store: one has what all want, nothing is lost or kept twice, and no two folds disagree."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from dome_contracts.schema.missions.status_event import NoteAdded, StatusEvent
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.missions.status import ClaimConflict, MissionStatus, StreamMoved, Table, TransitionRefused
from dome_spec.missions.status.reduce import folded
from dome_spec.missions.store import open_missions, read_missions
from tests.missions_made import ADA, MISSION_ID, TABLE, begun, everything, ids, loaded, move, package
from tests.racing import raced

PROCESSES: Final = 16
TIMES: Final = 6
TRIES_MAX: Final = 200
NOTE: Final = NoteAdded(kind="note_added", text="So it is.")


def agent(number: int) -> Effector:
    return Effector.from_value({"kind": "llm", "id": f"agent-{number}"})


def claimant(path: Path, number: int) -> Callable[[], dict[str, str]]:
    """One who has decided to claim the package, by the same state as all others."""
    status = loaded(open_missions(path), maker=ids(1000 * (number + 1)))
    status.claim("WP01", agent(number), everything(status))

    def save() -> dict[str, str]:
        try:
            status.save()
        except ClaimConflict as conflict:
            return {"holder": conflict.holder.id, "code": conflict.code}
        return {"claimed": agent(number).id}

    return save


def test_property_07_of_many_claimants_one_succeeds_and_the_others_are_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    store = open_missions(path)
    begun(store)
    store.close()
    answers = raced([partial(claimant, path, number) for number in range(PROCESSES)])
    (winner,) = [each["claimed"] for each in answers if "claimed" in each]
    told = [each for each in answers if "holder" in each]
    assert len(told) == PROCESSES - 1
    assert {(each["holder"], each["code"]) for each in told} == {(winner, "CLAIM_CONFLICT")}
    state = loaded(open_missions(path)).package("WP01")
    assert (state.version, state.implementer is not None and state.implementer.id) == (2, winner)


def written(path: Path, number: int, what: Callable[[MissionStatus], None]) -> list[str]:
    """The ids of what this process was told is written, after as many tries as it takes."""
    kept: list[str] = []
    maker = ids(100_000 * (number + 1))
    for _ in range(TIMES):
        for _ in range(TRIES_MAX):
            store = open_missions(path)
            status = loaded(store, maker=maker)
            try:
                what(status)
                kept += [each.event_id for each in status.save().events]
                break
            except (StreamMoved, TransitionRefused):  # somebody was first: decide anew by what holds now
                continue
            finally:
                store.close()
        else:
            raise AssertionError("it never came to pass")
    return kept


def take_or_give_back(number: int, status: MissionStatus) -> None:
    move(status, "claim" if status.package("WP01").holder is None else "release", agent(number))


def note(name: str, status: MissionStatus) -> None:
    status.state(name, NOTE, ADA)


def kept_run(path: Path, number: int) -> int:
    """How often this process replaced the run of the mission; it goes on until it has as often as it wants."""
    count = 0
    while count < TIMES:
        store = open_missions(path)
        known = store.run(MISSION_ID)
        try:
            store.put_run(MISSION_ID, str(number).encode(), expected=0 if known is None else known[1])
            count += 1
        except StreamMoved:
            continue
        finally:
            store.close()
    return count


def carried_in(path: Path, events: tuple[StatusEvent, ...]) -> int:
    """How many events were not there before this process brought them, again and again."""
    store = open_missions(path)
    count = sum(store.merge(events, name=store.missions()[0]) for _ in range(TIMES))
    store.close()
    return count


def looked(path: Path) -> list[int]:
    """The places up to which a reader read; what it was told is what the whole log says up to there."""
    seen = []
    for _ in range(2 * TIMES):
        store = read_missions(path)
        assert store is not None
        status = loaded(store)
        assert status._loaded is not None
        until = status._loaded.position
        assert status.snapshot == folded(store.tail(MISSION_ID, after=0, until=until), Table(TABLE)).snapshot
        seen.append(until)
        store.close()
    return seen


def test_sixteen_processes_that_do_different_things_lose_nothing_and_keep_nothing_twice(tmp_path: Path) -> None:
    path = tmp_path / "missions.sqlite"
    store = open_missions(path)
    begun(store, *(package(f"WP0{number}") for number in range(1, 4)))
    before = {each.event_id for each in store.events(MISSION_ID)}
    apart = loaded(store, maker=ids(90_000_000))
    for _ in range(2):
        apart.state("WP03", NOTE, ADA)
    carried = apart.history("WP03")[-2:]
    store.close()
    work: list[Callable[[], object]] = [
        *(partial(written, path, number, partial(take_or_give_back, number)) for number in range(4)),
        *(partial(written, path, number, partial(note, f"WP0{1 + number % 2}")) for number in range(4, 8)),
        *(partial(kept_run, path, number) for number in range(2)),
        *(partial(carried_in, path, carried) for _ in range(2)),
        *(partial(looked, path) for _ in range(4)),
    ]
    assert len(work) == PROCESSES
    answers = raced([lambda each=each: each for each in work])  # type: ignore[misc]
    told = [each for answer in answers[:8] for each in answer]
    store = open_missions(path)
    events = store.events(MISSION_ID)
    # What a process was told is written is there once, and nothing else came.
    assert len(told) == 8 * TIMES
    assert sorted([*told, *(each.event_id for each in carried), *before]) == sorted(each.event_id for each in events)
    run = store.run(MISSION_ID)
    assert (run is not None and run[1], sum(answers[8:10])) == (2 * TIMES, 2 * TIMES)
    assert sum(answers[10:12]) == len(carried)
    # Nobody saw less than before. Streams have no gap, and nobody gave back what another one held.
    assert all(seen == sorted(seen) for seen in answers[12:])
    said = folded(events, Table(TABLE))
    assert loaded(store).snapshot == said.snapshot
    assert {name: state.version for name, state in said.snapshot.packages.items()} == {
        name: count for name, count in said.counts.items() if name is not None
    }
