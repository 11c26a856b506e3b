"""Takes over a log of another project, `status.events.jsonl`: each line faithfully, or refused with a reason. Pure.

Lines are taken in the order of their time and id, which is the order that their writers meant. Each becomes events
that follow the one before them in the package's stream, and say where they came from. Lanes are taken as they are.
What a line says of proof and review in the words of the other project stands beside it as a note, in JSON. What has no
counterpart here, or is not known, is refused by line, and the report says so: nothing of a line is left out unsaid.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from dome_contracts.canonical import canonical_bytes, digest_bytes
from dome_contracts.schema.base import Contract
from dome_contracts.schema.governance.agent_profile import AgentRole
from dome_contracts.schema.missions.status_event import (
    EffectorBound,
    ImportFormat,
    ImportOrigin,
    LaneMove,
    NoteAdded,
    Override,
    PackageTransitioned,
    StatusEvent,
    StatusSubject,
    SubtaskChanged,
    SubtaskStatus,
)
from dome_contracts.schema.shared.definitions import Accountable, Lane
from dome_spec.kernel import NotJson, derived_id, read_json
from dome_spec.kernel.clock import NotAMoment, moment, timestamp
from dome_spec.missions.exchange.upstream_actors import effector_of
from dome_spec.missions.status.fold import package_after
from dome_spec.missions.status.refusals import StreamInvalid
from dome_spec.missions.status.state import PackageState
from dome_spec.missions.status.table import Table, operation_to

_BEGINNINGS: Final = frozenset({"genesis", "uninitialized"})
_ALIASES: Final[Mapping[str, str]] = MappingProxyType({"doing": "in_progress"})
_SUBTASKS: Final[Mapping[str, SubtaskStatus]] = MappingProxyType(
    {
        "pending": SubtaskStatus.OPEN,
        "open": SubtaskStatus.OPEN,
        "in_progress": SubtaskStatus.IN_PROGRESS,
        "done": SubtaskStatus.DONE,
        "completed": SubtaskStatus.DONE,
        "dropped": SubtaskStatus.DROPPED,
        "skipped": SubtaskStatus.DROPPED,
    }
)
_ABOUT: Final = frozenset(
    {"event_id", "mission_slug", "mission_id", "feature_slug", "wp_id", "at", "actor", "kind", "execution_mode"}
)
"""What every line says of itself; `execution_mode` is a matter of the package here."""
_MOVE: Final = frozenset({"from_lane", "to_lane", "force", "reason"})
_NOTED: Final = ("evidence", "policy_metadata", "review_ref", "review_result")
_BINDING: Final = frozenset({"agent", "role", "agent_profile", "model"})
_DELTA: Final = _BINDING | {"subtasks", "note"}


@dataclass(frozen=True, slots=True, order=True)
class LineRefused:
    """A line that was not taken, and why."""

    line: int
    reason: str
    text: str


@dataclass(slots=True)
class Import:
    """What became of a log."""

    events: list[StatusEvent] = field(default_factory=list)
    taken: int = 0
    """Lines that became events, or that say what the store says already."""
    refused: list[LineRefused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    value: Mapping[str, Any]
    digest: str

    @property
    def order(self) -> tuple[str, str]:
        return str(self.value.get("at", "")), str(self.value.get("event_id", ""))


class _Refused(Exception):
    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


def import_upstream(
    lines: Iterable[bytes],
    *,
    mission_id: str,
    packages: Mapping[str, PackageState],
    table: Table,
    accountable: Accountable,
    known: Collection[str] = (),
) -> Import:
    """The events that the lines stand for, each after the end of its package's stream.

    `accountable` answers for what was forced there; `known` are the digests of lines that were imported before, which
    are taken once.
    """
    found = Import()
    states, seen = dict(packages), dict[str, str]()
    for line in sorted(_parsed(lines, found), key=lambda each: each.order):
        try:
            name = str(line.value.get("event_id", ""))
            if seen.setdefault(name, line.digest) != line.digest:
                raise _Refused("ID_TWICE", f"another line has the id {name!r}")
            package = _package(line, states)
            if line.digest in known:
                found.taken += 1
                continue
            state, events = states[package], list[StatusEvent]()
            for fact in _facts(line, accountable):
                events.append(_event(line, fact, mission_id, state))
                state = package_after(state, events[-1], table)
            # All that a line says is taken, or nothing of it.
            states[package] = state
            found.events += events
            found.taken += 1
        except _Refused as refused:
            found.refused.append(LineRefused(line.number, refused.reason, refused.text))
        except StreamInvalid as error:
            found.refused.append(LineRefused(line.number, "OUT_OF_ORDER", error.why))
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(each) for each in fault["loc"])
            found.refused.append(LineRefused(line.number, "NO_COUNTERPART", f"{place}: {fault['msg']}"))
    found.refused.sort()
    return found


def _parsed(lines: Iterable[bytes], found: Import) -> Iterator[_Line]:
    for number, data in enumerate(lines, 1):
        if not data.strip():
            continue
        try:
            value = read_json(data)
        except NotJson as error:
            found.refused.append(LineRefused(number, "NOT_JSON", error.what))
            continue
        if isinstance(value, dict):
            yield _Line(number, value, digest_bytes(data.rstrip(b"\r\n")))
        else:
            found.refused.append(LineRefused(number, "NOT_JSON", "the line is no object"))


def _package(line: _Line, states: Mapping[str, PackageState]) -> str:
    name = line.value.get("wp_id")
    if name is None:
        raise _Refused("NO_COUNTERPART", "it is about the mission as a whole")
    if name not in states:
        raise _Refused("PACKAGE_UNKNOWN", f"the mission has no package {name!r}")
    return str(name)


def _facts(line: _Line, accountable: Accountable) -> Iterator[Contract]:
    value = line.value
    if value.get("kind") == "annotation" or "delta" in value:
        _closed(value, _ABOUT | {"delta"})
        yield from _annotations(value.get("delta"))
    elif "to_lane" in value:
        _closed(value, _ABOUT | _MOVE | frozenset(_NOTED))
        yield from _moved(value, accountable)
    else:
        raise _Refused("NO_COUNTERPART", f"nothing here is like {value.get('kind', value.get('event_type', '?'))!r}")


def _moved(value: Mapping[str, Any], accountable: Accountable) -> Iterator[Contract]:
    left, to = str(value.get("from_lane")), _lane(value.get("to_lane"))
    if not (left in _BEGINNINGS and to is Lane.PLANNED):  # else the package is there: it was finalised
        move = {"operation": operation_to(to), "from": _lane(left), "to": to}
        given: dict[str, Any] = {}
        if reason := _text(value, "reason"):
            given["reason"] = reason
        if value.get("force") is True:
            why = given.get("reason", "It was forced, and no reason was kept.")
            given["force"] = Override(accountable=accountable, reason=why, guards=[])
        yield PackageTransitioned(kind="package_transitioned", move=LaneMove.from_value(move), **given)
    if said := {name: value[name] for name in _NOTED if _says(value.get(name))}:
        yield NoteAdded(kind="note_added", text=canonical_bytes(said).decode())


def _annotations(delta: object) -> Iterator[Contract]:
    if not isinstance(delta, dict):
        raise _Refused("NO_COUNTERPART", "the annotation says nothing")
    _closed(delta, _DELTA)
    said = {name: each for name, each in delta.items() if _says(each)}
    if not said:
        raise _Refused("NO_COUNTERPART", "the annotation says nothing")
    subtasks = said.get("subtasks", {})
    if not isinstance(subtasks, dict):
        raise _Refused("NO_COUNTERPART", "the subtasks do not say which of them is how")
    for name, status in sorted(subtasks.items()):
        if status not in _SUBTASKS or not re.fullmatch("T[0-9]{3,4}", name):
            raise _Refused("NO_COUNTERPART", f"the subtask {name!r} is {status!r}")
        yield SubtaskChanged(kind="subtask_changed", subtask_id=name, status=_SUBTASKS[status])
    if note := _text(said, "note"):
        yield NoteAdded(kind="note_added", text=note)
    if _BINDING & said.keys():
        yield _bound(said)


def _bound(said: Mapping[str, Any]) -> EffectorBound:
    agent, role = _text(said, "agent"), _text(said, "role") or AgentRole.IMPLEMENTER.value
    if not agent:
        raise _Refused(
            "NO_COUNTERPART", f"{', '.join(sorted(_BINDING & said.keys()))}, and nothing says of which agent"
        )
    if role not in list(AgentRole):
        raise _Refused("NO_COUNTERPART", f"the role {role!r}")
    named = {"tool": agent, "model": _text(said, "model"), "role": role, "profile": _text(said, "agent_profile")}
    bound = effector_of(named)
    for name, given, taken in (
        ("model", named["model"], bound.model),
        ("profile", named["profile"], bound.profile_ref),
    ):
        if given and not taken:
            raise _Refused("NO_COUNTERPART", f"the {name} {given!r}")
    return EffectorBound(kind="effector_bound", role=AgentRole(role), bound=bound)


def _closed(value: Mapping[str, Any], known: frozenset[str]) -> None:
    """Refuse what says something that nothing here is like. A key without a value says nothing."""
    unknown = sorted(name for name, each in value.items() if name not in known and _says(each))
    if unknown:
        raise _Refused("NO_COUNTERPART", f"nothing here is like {', '.join(unknown)}")


def _says(value: object) -> bool:
    """Whether a value says anything; a blank one does not."""
    return bool(value.strip()) if isinstance(value, str) else value not in (None, [], {})


def _text(value: Mapping[str, Any], name: str) -> str:
    """A text, empty where there is none."""
    given = value.get(name)
    if not _says(given):
        return ""
    if not isinstance(given, str):
        raise _Refused("NO_COUNTERPART", f"{name} is no text")
    return given


def _lane(value: object) -> Lane:
    name = _ALIASES.get(str(value), str(value))
    try:
        return Lane(name)
    except ValueError:
        raise _Refused("LANE_UNKNOWN", f"there is no lane {value!r}") from None


def _event(line: _Line, fact: Contract, mission_id: str, state: PackageState) -> StatusEvent:
    origin_id = str(line.value.get("event_id") or f"line {line.number}")[:240]
    try:
        occurred = timestamp(moment(str(line.value.get("at")).replace("+00:00", "Z")))
    except NotAMoment:
        raise _Refused("TIME_INVALID", f"{line.value.get('at')!r} is no moment in UTC") from None
    source = f"{mission_id}\n{line.digest}\n{state.version}".encode()
    return StatusEvent.model_validate(
        {
            "schema_version": "1",
            "event_id": derived_id("evt", source),
            "subject": StatusSubject(mission_id=mission_id, work_package_id=state.work_package_id),
            "stream_version": state.version + 1,
            "occur_time": occurred,
            "effector": effector_of(line.value.get("actor")),
            "fact": fact,
            "cause": state.last_event_id,
            "imported_from": ImportOrigin(
                format=ImportFormat.UPSTREAM_STATUS_EVENTS, event_id=origin_id, digest=line.digest
            ),
        }
    )
