"""What was seen of a working tree counts for a moment, and only as long as nothing speaks against it."""

import os
from collections.abc import Callable

import pytest

from domed.provenance import Provenance
from domed.provenance.looks import COUNTS_S
from packages.domed.tests.provenance.conftest import Git
from packages.domed.tests.provenance.test_record import run_start
from packages.domed.tests.values import FixedClock

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def provenance(clock: FixedClock) -> Provenance:
    clock.advance(1000)
    return Provenance(clock, version="1", contract_hashes={}, git_environment=ENVIRONMENT)


@pytest.mark.parametrize("policy", ["full", "head"])
async def test_a_look_serves_who_comes_a_moment_later(
    git: Git, provenance: Provenance, clock: FixedClock, policy: str
) -> None:
    git.commit()
    start = run_start(git.root, repository=policy)
    assert provenance.at_hand(start) is None
    record = await provenance.capture(start)
    clock.advance(COUNTS_S / 2)
    again = provenance.at_hand(start)
    assert again is not None
    assert again.commit_sha == record.commit_sha
    assert again.dirty_flag == record.dirty_flag
    assert again.capture_time == clock.now()
    clock.advance(COUNTS_S)
    assert provenance.at_hand(start) is None


def a_commit(git: Git) -> None:
    git.commit("other")


def a_branch(git: Git) -> None:
    git("checkout", "--quiet", "-b", "other")


def the_index(git: Git) -> None:
    (git.root / "file").write_text("two\n")
    git("add", "file")


def the_configuration(git: Git) -> None:
    git("remote", "add", "origin", "https://example.invalid/a.git")


def packed_refs(git: Git) -> None:
    git("pack-refs", "--all")


@pytest.mark.parametrize("change", [a_commit, a_branch, the_index, the_configuration, packed_refs])
async def test_a_change_of_the_repository_is_seen_at_once(
    git: Git, provenance: Provenance, change: Callable[[Git], None]
) -> None:
    git.commit()
    await provenance.capture(run_start(git.root))
    assert provenance.at_hand(run_start(git.root)) is not None
    change(git)
    assert provenance.at_hand(run_start(git.root)) is None


async def test_a_run_that_may_write_ends_what_was_seen_before(
    git: Git, provenance: Provenance, clock: FixedClock
) -> None:
    git.commit()
    with provenance.writing():
        await provenance.capture(run_start(git.root))
        assert provenance.at_hand(run_start(git.root)) is None
        (git.root / "file").write_text("two\n")
    assert provenance.at_hand(run_start(git.root)) is None
    clock.advance(COUNTS_S / 10)
    assert (await provenance.capture(run_start(git.root))).dirty_flag is True
    assert provenance.at_hand(run_start(git.root)) is not None


async def test_what_was_asked_for_is_not_mixed_up(git: Git, provenance: Provenance) -> None:
    git.commit()
    await provenance.capture(run_start(git.root, repository="head"))
    assert provenance.at_hand(run_start(git.root)) is None
    assert (await provenance.capture(run_start(git.root))).dirty_flag is False


async def test_a_repository_that_is_gone_is_gone(git: Git, provenance: Provenance) -> None:
    git.commit()
    await provenance.capture(run_start(git.root))
    (git.root / ".git" / "HEAD").rename(git.root / ".git" / "nothing")
    record = provenance.at_hand(run_start(git.root))
    assert record is None or record.repo == ""
