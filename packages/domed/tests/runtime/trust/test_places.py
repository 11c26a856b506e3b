"""An approval holds for a tool in its place, however the place is named."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

from dome_contracts.runtime.v1 import (
    ToolTrust,
)
from domed.config import Config
from packages.domed.tests.runtime.trust.asking import approvals, digest, real, reason, trust
from packages.domed.tests.runtime_suite import Running, running, write_tool

HELLO = "echo hello"


async def test_a_tool_in_a_freshly_cloned_repository_is_refused_until_it_is_trusted(
    dome: Running, repository: Path
) -> None:
    assert await reason(dome, "project.hello", repository) == "TOOL_UNTRUSTED"
    await trust(dome, "project.hello", repository)
    assert await reason(dome, "project.hello", repository) == ""


async def test_the_same_tool_in_another_root_needs_an_approval_of_its_own(
    dome: Running, repository: Path, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(repository, clone)
    await trust(dome, "project.hello", repository)
    assert await digest(dome, "project.hello", clone) == await digest(dome, "project.hello", repository)
    assert await reason(dome, "project.hello", clone) == "TOOL_UNTRUSTED"
    await trust(dome, "project.hello", clone)
    await trust(dome, "project.hello", repository, revoke=True)
    assert await reason(dome, "project.hello", clone) == ""
    assert await reason(dome, "project.hello", repository) == "TOOL_UNTRUSTED"


async def test_a_moved_repository_needs_another_approval(dome: Running, repository: Path, tmp_path: Path) -> None:
    await trust(dome, "project.hello", repository)
    assert await reason(dome, "project.hello", repository) == ""
    moved = tmp_path / "moved"
    os.rename(repository, moved)
    assert await reason(dome, "project.hello", moved) == "TOOL_UNTRUSTED"
    (tmp_path / "repository").symlink_to(moved)
    assert await reason(dome, "project.hello", tmp_path / "repository") == "TOOL_UNTRUSTED"


async def test_an_approval_holds_through_every_link_to_the_root(
    dome: Running, repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "alias").symlink_to(repository)
    other = tmp_path / "other"
    (other / ".dome").mkdir(parents=True)
    (other / ".dome/tools").symlink_to(repository / ".dome/tools")
    await trust(dome, "project.hello", tmp_path / "alias")
    for directory in (repository, tmp_path / "alias", other):
        assert await reason(dome, "project.hello", directory) == ""
    assert [each.root for each in await approvals(dome)] == [real(repository / ".dome/tools")]


async def test_a_link_to_the_root_that_is_turned_elsewhere_takes_no_approval_along(
    config: Config, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        write_tool(tmp_path / name, "linked.hello", HELLO)
    (tmp_path / "root").symlink_to(tmp_path / "one")
    async with running(replace(config, user_roots=(tmp_path / "root",))) as dome:
        await trust(dome, "linked.hello")
        assert await reason(dome, "linked.hello") == ""
        (tmp_path / "next").symlink_to(tmp_path / "two")
        os.replace(tmp_path / "next", tmp_path / "root")
        assert await reason(dome, "linked.hello") == "TOOL_UNTRUSTED"


async def test_a_digest_of_the_configuration_holds_wherever_the_tool_is(
    config: Config, repository: Path, tmp_path: Path
) -> None:
    shutil.copytree(repository, tmp_path / "clone")
    async with running(config) as dome:
        present = await digest(dome, "project.hello", repository)
    async with running(replace(config, trusted_digests=frozenset({present}))) as dome:
        for directory in (repository, tmp_path / "clone"):
            assert await reason(dome, "project.hello", directory) == ""
        answer = await trust(dome, "project.hello", repository, revoke=True)
        assert answer.tool is not None
        assert answer.tool.trust is ToolTrust.TRUSTED
