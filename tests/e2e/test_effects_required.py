"""A tool that must be held to what it declares runs where it is, and is refused, in time and by name, where not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from packages.domed.tests.runtime_suite import write_tool
from tests.e2e.dome_home import Home, a_home

READS = {"filesystem": "read", "network": "none", "starts_processes": True}
OPEN = {"filesystem": "write", "network": "any", "starts_processes": True}
WRITE = "echo inside >out/file && echo inside >log && (echo outside >stray) 2>/dev/null || echo refused"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with a_home() as made:
        tools = made.config / "tools"
        write_tool(tools, "user.held", "echo ran", effects=READS | {"enforcement": "required"})
        write_tool(tools, "user.nowhere", "echo ran", effects=OPEN | {"network": "loopback", "enforcement": "required"})
        write_tool(tools, "user.open", "echo ran", effects=OPEN | {"enforcement": "required"})
        writes = {"writes": ["out/", "log"]}
        write_tool(tools, "user.writes", WRITE, effects=OPEN | writes, working_directory="required")
        strict = writes | {"enforcement": "required"}
        write_tool(tools, "user.strict", WRITE, effects=OPEN | strict, working_directory="required")
        listed = made.dome("tools", "--json", "user.").documents()
        digests = [tool["tool_digest"] for tool in listed if "tool_digest" in tool]
        assert len(digests) == 5
        made.configure(f"[trust]\ndigests = {json.dumps(digests)}\n")
        assert made.dome("service", "stop").code == 0
        yield made


@pytest.fixture(scope="module")
def held(home: Home) -> bool:
    """Whether this machine holds tools to their effects."""
    assert home.dome("run", "process.run", "--", "true").code == 0
    (check,) = [each for each in home.dome("doctor", "--json").documents() if each["check"] == "effects"]
    return bool(check["verdict"] == "ok")


def refused(home: Home, tool: str, *options: str) -> dict[str, Any]:
    """What a refusal says; there is no job of it, and the audit has it."""
    before = len(home.dome("jobs", "--json").documents())
    done = home.dome("run", tool, "--json", *options)
    assert done.out == b""
    assert done.code not in (0, Exit.FAILED)
    assert len(home.dome("jobs", "--json").documents()) == before
    last = home.dome("jobs", "--refused", "--json").documents()[0]
    assert (last["skill_id"], last["reason"]) == (tool, "ERROR_REASON_CAPABILITY_MISSING")
    return {"text": done.err, "code": done.code}


def test_a_tool_that_limits_nothing_has_nothing_to_be_held_to(home: Home) -> None:
    assert home.dome("run", "user.open").out == b"ran\n"


def test_what_no_machine_holds_is_refused_everywhere(home: Home) -> None:
    said = refused(home, "user.nowhere")["text"]
    assert "nothing here holds it to what it declares of the network" in said
    assert "Install or enable what the metadata names" in said


def test_a_tool_that_must_be_held_runs_where_it_is(home: Home, held: bool) -> None:
    if not held:
        pytest.skip("this machine does not hold tools to their effects: see `dome doctor`")
    assert home.dome("run", "user.held").out == b"ran\n"


def test_a_tool_that_must_be_held_is_refused_where_it_is_not(home: Home, held: bool) -> None:
    if held:
        pytest.skip("this machine holds tools to their effects; run the tests in a container without user namespaces")
    assert "of files and the network" in refused(home, "user.held")["text"]
    assert "of files" in refused(home, "user.strict", "--cwd", str(home.work))["text"]


def test_a_tool_that_writes_outside_what_it_said_fails_and_inside_works(home: Home, held: bool) -> None:
    (home.work / "log").write_text("")
    done = home.dome("run", "user.writes", "--cwd", str(home.work))
    assert done.code == 0, done.err
    assert (home.work / "out" / "file").read_text() == (home.work / "log").read_text() == "inside\n"
    (check,) = [each for each in home.dome("doctor", "--json").documents() if each["check"] == "user namespaces"]
    if not held and check["verdict"] != "ok":
        pytest.skip(f"this machine holds no tool to the files that it declares: {check}")
    assert done.out == b"refused\n"
    assert not (home.work / "stray").exists()
