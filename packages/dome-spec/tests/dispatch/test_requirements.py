"""Whether what a task requires is there, and its tool does no more than it may; what is not known is neither."""

import pytest

from dome_contracts.runtime.v1 import FilesystemEffect, NetworkEffect, ToolDescriptor, ToolEffects, ToolSummary
from dome_contracts.schema.planning.task_spec import Requirements
from dome_contracts.schema.runtime.tool_manifest import Effects
from dome_contracts.schema.shared.definitions import SideEffects
from dome_spec.dispatch.decide.requirements import findings, within
from dome_spec.planning import version_in

VERSIONS = [
    ("1.2.3", "*", True),
    ("", "*", False),
    ("1.2.3", "==1.2.3", True),
    ("1.2.3", "==1.2.4", False),
    ("1.10.0", ">=1.9.0", True),
    ("1.9.0", ">=1.10.0", False),
    ("2.0.0", ">=1.0.0,<2.0.0", False),
    ("1.99.0", ">=1.0.0,<2.0.0", True),
    ("1.0.0", ">1.0.0", False),
    ("1.0.0", "<=1.0.0", True),
    ("2.0.0-rc.1", ">=1.0.0", False),
    ("2.0.0-rc.1", "*", True),
    ("1.2.3+build.7", ">=1.2.3", True),
    ("not a version", ">=1.0.0", False),
]
NOTHING = Effects.from_value({"filesystem": "none", "network": "none", "starts_processes": False})
ANYTHING = Effects.from_value({"filesystem": "write", "network": "any", "starts_processes": True})
READING = Effects.from_value({"filesystem": "read", "network": "none", "starts_processes": True})
LISTED = Effects.from_value(
    {"filesystem": "write", "network": "none", "starts_processes": False, "writes": ["src/", "docs/"]}
)


@pytest.mark.parametrize(("version", "version_range", "serves"), VERSIONS)
def test_a_version_serves_where_every_comparison_holds(version: str, version_range: str, *, serves: bool) -> None:
    assert version_in(version, version_range) is serves


def declared(
    filesystem: str, network: str = "NONE", *, starts: bool = False, writes: list[str] | None = None
) -> ToolEffects:
    return ToolEffects(
        filesystem=FilesystemEffect[filesystem],
        network=NetworkEffect[network],
        starts_processes=starts,
        writes_listed=writes is not None,
        writes=writes or [],
    )


EFFECTS = [
    (declared("NONE"), NOTHING, True),
    (ToolEffects(network=NetworkEffect.NONE), READING, False),
    (ToolEffects(filesystem=FilesystemEffect.NONE), READING, False),
    (declared("READ"), NOTHING, False),
    (declared("READ", starts=True), READING, True),
    (declared("WRITE"), READING, False),
    (declared("NONE", "LOOPBACK"), READING, False),
    (declared("NONE", starts=True), NOTHING, False),
    (declared("WRITE", "ANY", starts=True), ANYTHING, True),
    (declared("WRITE", writes=["src/"]), LISTED, True),
    (declared("WRITE", writes=["src/", "etc/"]), LISTED, False),
    (declared("WRITE"), LISTED, False),
    (declared("READ"), LISTED, True),
    (declared("UNSPECIFIED", "UNSPECIFIED"), READING, False),
    (declared("UNSPECIFIED", "UNSPECIFIED"), ANYTHING, True),
]


@pytest.mark.parametrize(("effects", "farthest", "fits"), EFFECTS)
def test_no_effect_reaches_farther_than_it_may(effects: ToolEffects, farthest: Effects, *, fits: bool) -> None:
    assert within(effects, farthest) is fits


def requirements(**more: object) -> Requirements:
    return Requirements.from_value({"skill": {"skill_id": "work.do", "version_range": ">=1.0.0"}, **more})


TOOL = ToolDescriptor(summary=ToolSummary(tool_id="work.do", version="1.4.0"), effects=declared("READ"))


def test_everything_is_named_with_what_is_there() -> None:
    required = requirements(capabilities=["artifacts", "watch"], effects=NOTHING.to_value())
    found = findings(required, TOOL, {"artifacts"})
    assert [(each.requirement, each.found, each.met) for each in found] == [
        ("skill work.do >=1.0.0", "work.do 1.4.0", True),
        ("capability artifacts", "artifacts", True),
        ("capability watch", "", False),
        (
            "effects filesystem none, network none, starts no processes",
            "filesystem read, network none, starts no processes",
            False,
        ),
    ]


def test_a_tool_that_is_not_there_meets_nothing() -> None:
    found = findings(requirements(effects=ANYTHING.to_value()), None, ())
    assert [(each.found, each.met) for each in found] == [("", False), ("", False)]


ALL = {"mode": "declared", "paths": ["**"], "hosts": ["*"], "programs": ["*"]}
NONE_LISTED = {"mode": "declared", "paths": [], "hosts": [], "programs": []}
POLICIES = [
    ({"mode": "none"}, declared("READ", starts=True), "none", ""),
    ({"mode": "none"}, declared("WRITE", writes=[]), "none", "it writes files"),
    ({"mode": "scratch"}, declared("WRITE", writes=[]), "scratch", ""),
    ({"mode": "scratch"}, declared("WRITE"), "scratch", "it writes files anywhere"),
    ({"mode": "repository", "paths": ["src/**"]}, declared("WRITE", writes=["src/"]), "repository, paths src/**", ""),
    (
        {"mode": "repository", "paths": ["src/**"]},
        declared("WRITE", "ANY", writes=["etc/"]),
        "repository, paths src/**",
        "it writes etc/, it reaches any host",
    ),
    (ALL, declared("WRITE", "ANY", starts=True), "declared, paths **, hosts *, programs *", ""),
    (ALL, ToolEffects(), "declared, paths **, hosts *, programs *", ""),
    (
        NONE_LISTED,
        declared("READ", "LOOPBACK", starts=True),
        "declared, paths none, hosts none, programs none",
        "it reaches services of this machine, it starts programs, and does not say which",
    ),
    (
        {"mode": "none"},
        ToolEffects(filesystem=FilesystemEffect.NONE),
        "none",
        "it reaches any host",
    ),
]


@pytest.mark.parametrize(("allowed", "effects", "told", "excess"), POLICIES)
def test_a_tool_declares_no_effect_that_its_task_may_not_have(
    allowed: dict[str, object], effects: ToolEffects, told: str, excess: str
) -> None:
    tool = ToolDescriptor(summary=ToolSummary(tool_id="work.do", version="1.4.0"), effects=effects)
    *_, found = findings(requirements(), tool, (), SideEffects.from_value(allowed))
    assert (found.requirement, found.met) == (f"side effects {told}", not excess)
    assert found.found.partition("; ")[2] == excess
    assert bool(found.hint) is bool(excess)
    assert found.policy_reason_code == "SCOPE.EFFECTS_TOO_WIDE"


def test_effects_that_nobody_declared_are_within_nothing() -> None:
    silent = ToolDescriptor(summary=ToolSummary(tool_id="work.do", version="1.4.0"))
    for tool, is_told in ((silent, True), (None, False)):
        *_, found = findings(requirements(), tool, (), SideEffects.from_value(ALL))
        assert (found.found, found.met, found.policy_reason_code) == ("", False, "GUARD.UNKNOWN")
        assert bool(found.hint) is is_told


def test_long_lists_are_shown_in_part() -> None:
    allowed = SideEffects.from_value({"mode": "repository", "paths": [f"src/{n}/**" for n in range(10)]})
    *_, found = findings(requirements(), TOOL, (), allowed)
    assert found.requirement.endswith(" src/7/** and 2 more")
