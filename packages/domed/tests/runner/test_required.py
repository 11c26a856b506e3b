"""A tool that must be held to its declared effects is refused where nothing holds it."""

from typing import Any

import pytest

from dome_contracts.failure_reasons import FailureReason
from dome_contracts.runtime.v1 import EffectsEnforcement, Enforcement, OutcomeCause
from domed.runner.required import Requirement, reason, unheld
from packages.domed.tests.runner.conftest import Daemon

HELD = EffectsEnforcement(filesystem=Enforcement.ENFORCED, network=Enforcement.ENFORCED, processes=Enforcement.ENFORCED)
NOT_HELD = EffectsEnforcement(
    filesystem=Enforcement.DECLARED, network=Enforcement.DECLARED, processes=Enforcement.DECLARED
)
EFFECTS: dict[str, Any] = {
    "filesystem": "read",
    "network": "none",
    "starts_processes": True,
    "enforcement": "required",
}


def missing(daemon: Daemon, held: EffectsEnforcement, **effects: Any) -> list[str]:
    daemon.tool("demo.held", effects=EFFECTS | effects)
    return list(unheld(daemon.catalog.view().require("demo.held"), held))


def test_what_is_held_is_not_missing(daemon: Daemon) -> None:
    assert missing(daemon, HELD) == []


@pytest.mark.parametrize(
    ("effects", "names"),
    [
        ({}, ["effects.filesystem", "effects.network"]),
        ({"starts_processes": False}, ["effects.filesystem", "effects.network", "effects.processes"]),
        ({"filesystem": "write", "network": "any"}, []),
        ({"filesystem": "write", "network": "any", "writes": ["out"]}, ["effects.filesystem"]),
        ({"filesystem": "write", "network": "loopback"}, ["effects.network"]),
    ],
)
def test_only_what_the_declaration_leaves_out_has_to_be_held(
    daemon: Daemon, effects: dict[str, Any], names: list[str]
) -> None:
    assert missing(daemon, NOT_HELD, **effects) == names


def test_a_tool_that_does_not_ask_for_it_is_never_refused(daemon: Daemon) -> None:
    assert missing(daemon, NOT_HELD, enforcement="preferred") == []
    assert unheld(daemon.catalog.view().require("demo.true"), NOT_HELD) == ()


async def test_the_executor_of_the_tool_is_asked(daemon: Daemon) -> None:
    daemon.tool("demo.held", effects=EFFECTS)
    requirement = Requirement({"local-process": daemon.executor})
    tools = daemon.catalog.view()
    # The scripted executor holds the network alone.
    assert await requirement.missing(tools.require("demo.held")) == ["effects.filesystem"]
    assert await requirement.missing(tools.require("demo.true")) == ()
    assert await Requirement({}).missing(tools.require("demo.held")) == ()


def test_the_reason_names_what_is_not_held() -> None:
    assert reason("a.b", ["effects.network", "effects.processes"]) == (
        "The tool 'a.b' must be held to its effects, and nothing here holds it to what it declares of the network and "
        "other programs."
    )


async def test_a_job_that_another_daemon_accepted_is_denied_at_its_start(running: Daemon) -> None:
    running.tool("demo.held", effects=EFFECTS)
    job_id = await running.submit("demo.held")
    outcome = await running.outcome(job_id)
    assert (outcome.cause, outcome.failure_reason_code) == (
        OutcomeCause.DENIED,
        FailureReason.ADMISSION_EFFECTS_NOT_HELD,
    )
    assert running.executor.invocations == []
    assert await running.kinds(job_id) == ["Submitted", "Finished"]
