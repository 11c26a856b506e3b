"""Plans as they were made, each with all that it was made from, so that it can be made again: files by their digests.

A directory for each plan, and a file for each template of a task, under which a remedy is found again. Nothing is ever
changed: the same plan has the same name and the same bytes.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dome_contracts.canonical import PREFIX, canonical_bytes
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.control.control_strategies import ControlStrategies
from dome_contracts.schema.patterns.pattern import Pattern
from dome_contracts.schema.planning.packet import Packet
from dome_contracts.schema.planning.plan import Plan
from dome_contracts.schema.planning.task_spec import TaskSpec
from dome_spec.kernel import DocumentInvalid, NotJson, Refusal, read_document, read_json
from dome_spec.kernel.durable import create_file, make_directory
from dome_spec.planning.identity import document_digest, plan_hash, template_digest
from dome_spec.planning.knowledge import MemorySnapshot
from dome_spec.planning.refusals import PlansExhausted, Problem

PREFIX_CHARACTERS_MIN: Final = 4
_PLANS: Final = "plans"
_PLAN: Final = "plan.json"
_TEMPLATES: Final = "templates"
_HEX: Final = frozenset("0123456789abcdef")


class PlanNotFound(Refusal):
    """No plan that is kept has this name."""

    code = "PLAN_NOT_FOUND"
    exit_code = Exit.NOT_FOUND


class PlanAmbiguous(Refusal):
    """Several plans begin with this name."""

    code = "PLAN_AMBIGUOUS"
    exit_code = Exit.USAGE


class PlanDamaged(Refusal):
    """What is kept of a plan cannot be read, or is not what the plan was made from."""

    code = "PLAN_DAMAGED"
    exit_code = Exit.INVALID

    def __init__(self, directory: Path, why: str) -> None:
        super().__init__(
            f"What is kept in {directory} is not the plan of that name",
            why=why,
            hint="Put it back, or remove the directory and make the plan anew: `dome plan new`",
        )


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan and all that it was made from."""

    plan: Plan
    packet: Packet
    strategies: ControlStrategies
    memory: MemorySnapshot
    pattern: Pattern | None = None


class PlanStore:
    """The plans of one repository."""

    def __init__(self, state_dir: Path) -> None:
        self._plans = state_dir / _PLANS
        self._templates = state_dir / _TEMPLATES

    def put(self, stored: StoredPlan) -> Path:
        """Keep a plan; where it is kept. The plan itself is written last: what has one is complete.

        Raises PlansExhausted where its packet allows no further one.
        """
        name = plan_hash(stored.plan)
        directory = self._plans / _file_name(name)
        self._refuse_further(stored, directory)
        make_directory(directory)
        make_directory(self._templates)
        for task in stored.plan.tasks.values():
            path = self._template_path(template_digest(task.spec))
            if not path.is_file():
                create_file(path, canonical_bytes(task.spec.to_value()))
        documents: dict[str, Any] = {
            "packet": stored.packet.to_value(),
            "strategies": stored.strategies.to_value(),
            "facts": stored.memory.to_value(),
        }
        if stored.pattern is not None:
            documents["pattern"] = stored.pattern.to_value()
        for part, value in (*documents.items(), ("plan", stored.plan.to_value())):
            create_file(directory / f"{part}.json", canonical_bytes(value))
        return directory / _PLAN

    def _refuse_further(self, stored: StoredPlan, directory: Path) -> None:
        """Refuse a plan beyond those that the packet's budget allows. What is kept already costs nothing."""
        plans_max, packet_id = stored.packet.budgets.iterations_max, stored.packet.packet_id
        if plans_max is None or (directory / _PLAN).is_file():
            return
        made = sum(_packet_of(path) == packet_id for path in self._plans.glob(f"*/{_PLAN}"))
        if made >= plans_max:
            what = f"{made} plans were made for {packet_id!r}, and the budget is {plans_max}"
            remedy = "Let a person decide whether it is planned once more with a higher one"
            raise PlansExhausted((Problem("/budgets/iterations_max", what, remedy),))

    def names(self) -> tuple[str, ...]:
        """The hashes of the plans that are kept, the one that was made last first."""
        found = [(path.stat().st_mtime_ns, path.parent.name) for path in self._plans.glob(f"*/{_PLAN}")]
        return tuple(f"{PREFIX}{name}" for _, name in sorted(found, reverse=True))

    def get(self, name: str) -> StoredPlan:
        """A plan by its hash or the beginning of it. Raises PlanNotFound, PlanAmbiguous, PlanDamaged."""
        directory = self._plans / self._resolved(name)
        try:
            stored = _read(directory)
        except (OSError, DocumentInvalid, NotJson) as error:
            raise PlanDamaged(directory, str(error)) from error
        inputs = stored.plan.inputs
        for what, kept, named in (
            ("plan", plan_hash(stored.plan), f"{PREFIX}{directory.name}"),
            ("packet", document_digest(stored.packet), inputs.packet_digest),
            ("strategies", document_digest(stored.strategies), inputs.strategies_digest),
        ):
            if kept != named:
                raise PlanDamaged(directory, f"{what}.json has the digest {kept}, and not {named}")
        return stored

    def template(self, digest: str) -> TaskSpec | None:
        """A TaskSpec with this template; None where none is kept, or another one stands in its place."""
        path = self._template_path(digest)
        if not path.is_file():
            return None
        spec = read_document(TaskSpec, path.read_bytes())
        return spec if template_digest(spec) == digest else None

    def _template_path(self, digest: str) -> Path:
        return self._templates / f"{_file_name(digest)}.json"

    def _resolved(self, name: str) -> str:
        sought = name.removeprefix(PREFIX).lower()
        there = sorted(os.listdir(self._plans)) if self._plans.is_dir() else []
        found = [each for each in there if each.startswith(sought) and (self._plans / each / _PLAN).is_file()]
        if len(sought) < PREFIX_CHARACTERS_MIN or not set(sought) <= _HEX or not found:
            hint = f"Name a plan file, or {PREFIX_CHARACTERS_MIN} characters of a plan's hash or more"
            raise PlanNotFound(
                f"There is no plan {name!r}", hint=f"{hint}; `dome plan show` lists them, `dome plan new` makes one"
            )
        if len(found) > 1:
            raise PlanAmbiguous(f"{len(found)} plans begin with {name!r}", hint="Write more of the hash")
        return found[0]


def _file_name(digest: str) -> str:
    return digest.removeprefix(PREFIX)


def _packet_of(path: Path) -> str:
    """The name of the packet that a kept plan is for; empty where the file cannot be read."""
    try:
        return str(read_json(path.read_bytes())["packet_id"])
    except (OSError, NotJson, KeyError, TypeError):
        return ""


def _read(directory: Path) -> StoredPlan:
    pattern = directory / "pattern.json"
    return StoredPlan(
        read_document(Plan, (directory / _PLAN).read_bytes()),
        read_document(Packet, (directory / "packet.json").read_bytes()),
        read_document(ControlStrategies, (directory / "strategies.json").read_bytes()),
        MemorySnapshot.from_value(read_json((directory / "facts.json").read_bytes())),
        read_document(Pattern, pattern.read_bytes()) if pattern.is_file() else None,
    )
