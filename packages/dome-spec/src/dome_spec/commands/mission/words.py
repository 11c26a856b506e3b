"""Missions, packages and decisions as lines for people. Knows no verb."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from dome_contracts.schema.missions.status_event import StatusEvent
from dome_contracts.schema.shared.definitions import Effector
from dome_spec.commands.table import table
from dome_spec.mission_runtime import Lost
from dome_spec.missions.status import MissionStatus, Standing

_SHOWN_CHARACTERS_MAX: Final = 48
_NOBODY: Final = "-"


def state_of(standing: Standing) -> str:
    """Where a mission stands, in a word."""
    mission = standing.snapshot.mission
    if mission is None or not mission.is_finalized:
        return "canceled" if mission is not None and mission.is_canceled else "new"
    if mission.is_canceled:
        return "canceled"
    if mission.receipt is not None:
        return "done"
    if mission.acceptance is not None:
        return mission.acceptance[1].value
    return "under way"


def name_of(effector: Effector | Mapping[str, Any] | None) -> str:
    """Who acts, for a cell."""
    if effector is None:
        return _NOBODY
    value = effector.to_value() if isinstance(effector, Effector) else effector
    return f"{value['kind']} {value['id']}"


def recommended(value: Mapping[str, Any] | None) -> str:
    """Who would suit, for a cell."""
    if value is None:
        return _NOBODY
    return " ".join(str(value[each]) for each in ("profile_ref", "role", "model") if each in value) or _NOBODY


def counted(number: int, noun: str) -> str:
    """So many of something."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def board_lines(board: Mapping[str, Any]) -> Iterator[str]:
    """A board: the columns, then a line for each package."""
    progress = board["progress"]
    yield f"{board['slug']}: {board['title']}{_ended(board)}"
    yield f"{progress['done']:.0%} done, {progress['weighted']:.0%} of the way"
    yield from _not_holding(board)
    rows = {each["work_package_id"]: each for each in board["packages"]}
    if not rows:
        yield "No packages yet: `dome mission finalize MISSION`"
        return
    columns = board["columns"]
    height = max(map(len, columns.values()))
    cells = [[_at(names, place) for names in columns.values()] for place in range(height)]
    yield ""
    yield table([[f"{name} ({len(names)})" for name, names in columns.items()], *cells])
    for lane, names in board["apart"].items():
        if names:
            yield f"{lane.capitalize()}: {', '.join(names)}"
    yield ""
    yield table([("PACKAGE", "LANE", "ACTS", "RECOMMENDED", "NOTE", "TITLE"), *(map(_row, rows.values()))])


def _ended(board: Mapping[str, Any]) -> str:
    if board["is_canceled"]:
        return f" (given up; `dome mission reopen {board['slug']} --reason TEXT` takes it up again)"
    return "" if board["commit"] is None else f" (landed with {board['commit'][:12]})"


def _not_holding(board: Mapping[str, Any]) -> Iterator[str]:
    """Events that count for nothing, where there are any."""
    dropped, orphans = board["dropped_count"], board["orphan_count"]
    if dropped:
        yield f"{counted(dropped, 'event')} lost against others: `dome mission show MISSION` marks them and says why"
    if orphans:
        yield f"{counted(orphans, 'event')} without what came before: `dome mission import FILE` takes in the rest"


def _at(names: Sequence[str], place: int) -> str:
    return names[place] if place < len(names) else ""


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    notes = []
    if row["waits_for"]:
        notes.append(f"waits for {', '.join(row['waits_for'])}")
    if row["pending_operation"]:
        notes.append("commit under way")
    if row["has_conflict"]:
        notes.append("conflict")
    if row["review"]:
        overridden = ", overridden" if row["is_review_overridden"] else ""
        notes.append(f"review {row['review_count']}: {row['review'].replace('_', ' ')}{overridden}")
    if row["approvals"]:
        notes.append(counted(len(row["approvals"]), "approval"))
    if row["force_count"]:
        notes.append(f"forced {row['force_count']}")
    effector = row["effector"]
    return (
        row["work_package_id"],
        row["lane"].replace("_", " "),
        name_of(effector["acts"]),
        recommended(effector["recommended"]),
        "; ".join(notes) or _NOBODY,
        row["title"][:_SHOWN_CHARACTERS_MAX],
    )


def event_row(event: StatusEvent, lost: Mapping[str, Lost]) -> tuple[str, ...]:
    """An event, for a table; one that does not hold says so, and why."""
    fact = event.fact.to_value()
    why = str(fact.get("reason") or fact.get("text") or fact.get("note") or "")
    what = _what(fact)
    if event.event_id in lost:
        what, why = f"does not hold: {what}", lost[event.event_id].text
    return str(event.stream_version), event.occur_time[:19], name_of(event.effector), what, why


def _what(fact: Mapping[str, Any]) -> str:
    kind, move = fact["kind"], fact.get("move")
    if move is not None:
        stage = "with its commit: " if kind == "transition_prepared" else ""
        forced = " (forced)" if "force" in fact else ""
        return f"{stage}{move['operation']}: {move['from']} -> {move['to']}{forced}"
    match kind:
        case "effector_bound":
            return f"{fact['role']} is {name_of(fact['bound'])}"
        case "effector_unbound":
            return f"{fact['role']} is nobody any more"
        case "subtask_changed":
            return f"{fact['subtask_id']} is {fact['status'].replace('_', ' ')}"
        case "mission_accepted":
            return f"judged: {fact['verdict']}"
        case "mission_integrated":
            return f"landed with {fact['receipt']['commit'][:12]}"
        case "review_recorded":
            return f"review recorded: {fact['review']['verdict'].replace('_', ' ')}"
        case _:
            return str(kind).replace("_", " ")


def stands(status: MissionStatus, package: str) -> str:
    """Where a package stands, in a sentence."""
    state = status.package(package)
    holder = "" if state.holder is None else f", held by {name_of(state.holder)}"
    return f"{status.mission.slug} {package}: {state.lane.value.replace('_', ' ')}{holder}, version {state.version}."


def decision_lines(decision: Mapping[str, Any], slug: str) -> Iterator[str]:
    """What comes next, for people."""
    match decision["kind"]:
        case "query":
            yield from decision_lines(decision["preview"], slug)
        case "step":
            package = decision.get("package")
            about = "" if package is None else f" {package['work_package_id']} ({package['lane'].replace('_', ' ')})"
            yield f"Next: {decision['action']}{about}."
            words = [slug, *([] if package is None else [package["work_package_id"]])]
            yield f"  What to know: `dome artefact show {' '.join(words)}`"
        case "decision_required":
            yield f"Asked of the {decision['audience']}: {decision['question']}"
            values = [each["value"] for each in decision["options"]]
            value = "|".join(values) or "VALUE"
            yield f"  Answer: `dome mission next {slug} --answer {decision['question_id']}={value}`"
        case "blocked":
            for block in decision["blocks"]:
                names = ", ".join(block.get("packages", []))
                yield f"Blocked{f' ({names})' if names else ''}: {block['text']}."
                yield f"  {block['remedy']}."
        case "terminal":
            yield f"Nothing more: the mission is {decision['outcome']}."
