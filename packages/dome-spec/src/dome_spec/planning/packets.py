"""Writes packets: from a few words and the facts of the repository, or from a document that leaves out its base."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from dome_contracts.schema.planning.packet import Packet
from dome_spec.kernel import read_document
from dome_spec.planning.refusals import PacketRefused, Problem
from dome_spec.planning.repository import RepositoryFacts
from dome_spec.planning.skills import SEARCH, TEST, Skill

EXAMPLE_FILE: Final = "packet_example.yaml"
SUITE_CHECK: Final = "tests"
_NOT_IN_SLUG: Final = re.compile(r"[^a-z0-9]+")
_NOT_IN_NAME: Final = re.compile(r"[^a-z0-9_]+")
_CHECKED: Final = re.compile(r"([a-z][a-z0-9_]{0,63})=(.*)", re.DOTALL)
_SLUG_CHARACTERS_MAX: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person says of a packet; the rest has defaults that the repository's facts suggest."""

    goal: str
    packet_id: str = ""
    """Left out: made from the goal."""
    why: str = ""
    what: str = ""
    criteria: Sequence[str] = ()
    """Statements; `CHECK=statement` where a check decides."""
    checks: Mapping[str, Mapping[str, Any]] | None = None
    """Checks by name: `skill_id` and `input`."""
    allowed_paths: Sequence[str] = ("**",)
    forbidden_paths: Sequence[str] = ()
    attempts_max: int = 2
    parallel_max: int = 2
    duration_s_max: float = 3600


def packet_example() -> str:
    """A complete packet as text, with what each part means."""
    return files("dome_spec.planning").joinpath(EXAMPLE_FILE).read_text(encoding="utf-8")


def packet_from(value: Mapping[str, Any], base: Mapping[str, str]) -> Packet:
    """A packet of a document. One that does not say where the work starts starts at the base.

    Raises DocumentInvalid.
    """
    return read_document(Packet, value if "repository" in value else {**value, "repository": dict(base)})


def packet_of(wanted: Wanted, facts: RepositoryFacts, base: Mapping[str, str]) -> Packet:
    """A packet of a few words. Without a check, what tests the repository decides; without a criterion, it shall pass.

    Raises PacketRefused, DocumentInvalid.
    """
    checks = _checks(wanted, facts)
    statements = list(wanted.criteria) or _default_criteria(checks, facts)
    value = {
        "schema_version": "1",
        "packet_id": wanted.packet_id or slug(wanted.goal),
        "goal": wanted.goal,
        "plan_card": {"why": wanted.why or wanted.goal, "what": wanted.what or wanted.goal},
        "repository": dict(base),
        "criteria": [_criterion(number, text, checks) for number, text in enumerate(statements, 1)],
        "checks": checks,
        "budgets": {
            "attempts_max": wanted.attempts_max,
            "parallel_max": wanted.parallel_max,
            "duration_s_max": wanted.duration_s_max,
        },
        "constraints": {
            "allowed_paths": list(wanted.allowed_paths),
            **({"forbidden_paths": list(wanted.forbidden_paths)} if wanted.forbidden_paths else {}),
        },
        "required_evidence": [{"kind": "diff"}],
    }
    return read_document(Packet, value)


def slug(text: str) -> str:
    """The text as a short name in lower case."""
    words = _NOT_IN_SLUG.sub("-", text.lower()).strip("-") or "packet"
    return words[:_SLUG_CHARACTERS_MAX].rstrip("-")


def _checks(wanted: Wanted, facts: RepositoryFacts) -> dict[str, Any]:
    if wanted.checks:
        return {name: _check(each["skill_id"], each["input"]) for name, each in wanted.checks.items()}
    suites = {_suite_name(suite.name): _known(suite.skill, suite.tool_input) for suite in facts.suites}
    return suites or {
        "mentions": _known(SEARCH, {"pattern": next(iter(wanted.goal.split()), wanted.goal), "dialect": "fixed"})
    }


def _suite_name(name: str) -> str:
    """The name of a suite's check: `tests` for the usual one, else runner and folder."""
    return SUITE_CHECK if name == "pytest:." else _NOT_IN_NAME.sub("_", name.lower()).strip("_")


def _check(skill_id: str, tool_input: Mapping[str, Any]) -> dict[str, Any]:
    known = {TEST.skill_id: TEST, SEARCH.skill_id: SEARCH}.get(skill_id)
    if known is not None:
        return _known(known, tool_input)
    return {"skill": {"skill_id": skill_id, "version_range": "*"}, "input": dict(tool_input)}


def _known(skill: Skill, tool_input: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "skill": {"skill_id": skill.skill_id, "version_range": skill.version_range},
        "input": dict(tool_input),
    }


def _default_criteria(checks: Mapping[str, Any], facts: RepositoryFacts) -> list[str]:
    if facts.suites:
        return [f"{name}=The repository's own tests pass ({name})." for name in checks]
    return ["The goal is reached."]


def _criterion(number: int, text: str, checks: Mapping[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = {"criterion_id": f"AC{number:02}", "statement": text}
    found = _CHECKED.fullmatch(text)
    if found is None:
        return value
    if found[1] not in checks:
        what = f"there is no check {found[1]!r}; there are: {', '.join(sorted(checks))}"
        raise PacketRefused((Problem(f"/criteria/{number - 1}/check", what, "Name one with --check NAME=SKILL"),))
    return {**value, "statement": found[2].strip(), "check": found[1]}
