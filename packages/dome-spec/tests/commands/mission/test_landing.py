"""A mission lands: merged or squashed, track by track, once, and whole whenever its command is killed."""

import os
import signal
from argparse import Namespace
from itertools import count

from dome_spec.commands.mission.landing import landed
from dome_spec.commands.mission.opening import writing
from tests.mission_use import IMPLEMENTER, Use, use

__all__ = ["use"]
JUDGED = ("mission", "accept", "tried", "--met", "all", "--absent", "all", "--note", "Tried by hand")
INTEGRATE = ("mission", "integrate", "tried")


def through(use: Use, *names: str) -> None:
    for name in names:
        use.to_review(name)
        use.review("approved", name=name)


def squash(use: Use, branch: str) -> str:
    use.git.run("switch", "-q", "main")
    use.git.run("merge", "-q", "--squash", branch)
    use.git.run("commit", "-q", "-m", f"squashed {branch}")
    commit: str = use.git.run("rev-parse", "HEAD")
    return commit


def squashed(use: Use) -> str:
    """A mission whose accepted commit was squashed onto its destination; the commit that did it."""
    use.begin("WP01", "WP02")
    use.git.run("switch", "-q", "-c", "side")
    through(use, "WP01", "WP02")
    use.done(*JUDGED, "--commit", "side")
    use.git.run("switch", "-q", "main")
    use.git.commit("what came between", {"other.txt": "other\n"})
    return squash(use, "side")


def test_a_squash_is_taken_for_what_it_holds_and_asking_again_says_the_same(use: Use) -> None:
    commit = squashed(use)
    parent = use.git.run("rev-parse", "HEAD^")
    receipt = use.done(*INTEGRATE)["receipt"]
    assert (receipt["commit"], receipt["parent"], receipt["found_by"]) == (commit, parent, "content")
    use.git.run("branch", "-qD", "side")
    use.git.commit("what came after", {"src/WP01.py": "another\n"})
    assert use.done(*INTEGRATE)["receipt"] == receipt
    assert [use.lane(name) for name in ("WP01", "WP02")] == ["done", "done"]


def test_a_squash_that_left_something_out_is_refused_and_mended_by_what_is_missing(use: Use) -> None:
    use.begin("WP01", "WP02")
    use.git.run("switch", "-q", "-c", "side")
    through(use, "WP01", "WP02")
    use.done(*JUDGED, "--commit", "side")
    use.git.run("switch", "-q", "main")
    use.git.run("merge", "-q", "--squash", "side")
    use.git.run("rm", "-q", "--cached", "src/WP02.py")
    use.git.run("commit", "-q", "-m", "half of it")
    refused = use.refused(*INTEGRATE)
    assert (refused["reason"], "neither the commit nor its changes" in refused["message"]) == (
        "INTEGRATION_UNVERIFIED",
        True,
    )
    commit = use.git.commit("the rest")
    assert use.done(*INTEGRATE)["receipt"]["commit"] == commit


def test_a_commit_that_is_gone_cannot_be_compared_and_the_way_on_is_said(use: Use) -> None:
    squashed(use)
    use.git.run("branch", "-qD", "side")
    use.git.run("reflog", "expire", "--expire=now", "--all")
    use.git.run("gc", "-q", "--prune=now")
    refused = use.refused(*INTEGRATE)
    assert (refused["reason"], "dome mission accept" in refused["remedy"]) == ("INTEGRATION_UNVERIFIED", True)


def test_tracks_that_were_squashed_one_by_one_are_judged_and_landed_where_they_lie(use: Use) -> None:
    use.begin("WP01", "WP02")
    for name in ("WP01", "WP02"):
        use.git.run("switch", "-q", "-c", f"track-{name}", "main")
        through(use, name)
    squash(use, "track-WP01")
    assert use.refused(*JUDGED, "--commit", "main")["reason"] == "COMMIT_INCOMPLETE"
    head = squash(use, "track-WP02")
    assert use.done(*JUDGED)["commit"] == head
    receipt = use.done(*INTEGRATE)["receipt"]
    assert (receipt["commit"], receipt["found_by"]) == (head, "ancestry")


def test_killed_at_any_statement_a_mission_has_landed_whole_or_not_at_all(use: Use) -> None:
    commit = squashed(use)
    use.git.run("worktree", "add", "-q", "../tree", "side")
    os.chdir(use.root.parent / "tree")
    for nth in count(1):
        is_killed = _killed_at(nth)
        lanes = {each["lane"] for each in use.done("board", "tried")["packages"]}
        mission = use.done("mission", "show", "tried")
        landing = [each for each in mission["history"] if each["fact"]["kind"] == "mission_integrated"]
        if not is_killed:
            assert (lanes, len(landing)) == ({"done"}, 1)
            break
        assert (lanes, landing) == ({"approved"}, [])
    assert nth > 5
    assert use.done(*INTEGRATE)["receipt"]["commit"] == commit


def test_who_may_not_bring_home_does_not_even_where_every_package_is_done(use: Use) -> None:
    squashed(use)
    use.done(*INTEGRATE)
    use.done("mission", "reopen", "tried", "--reason", "Is it so?")
    use.done(*JUDGED)
    before = use.done("mission", "show", "tried")["history"]
    for acting in ("llm:stranger", IMPLEMENTER):
        assert use.refused(*INTEGRATE, "--as", acting)["reason"] == "NOT_PERMITTED"
    assert use.done("mission", "show", "tried")["history"] == before
    assert use.done(*INTEGRATE, "--as", "llm:agent-9,profile=manager")["receipt"]["found_by"] == "ancestry"


def _killed_at(nth: int) -> bool:
    """Land in a process of its own that is killed before the nth statement of what it writes; whether it was."""
    child = os.fork()
    if child == 0:
        seen = count(1)
        try:
            with writing(Namespace(acting=None)) as opened:
                status = opened.status("tried")
                opened.store._connection.set_trace_callback(
                    lambda _: os.kill(os.getpid(), signal.SIGKILL) if next(seen) == nth else None
                )
                landed(status, opened)
        finally:
            os._exit(0)
    _, ended = os.waitpid(child, 0)
    return os.WIFSIGNALED(ended)
