"""Commits that are handed in were made where the package is carried out, within what it owns, and change something."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.mission_use import IMPLEMENTER, Use, use

__all__ = ["use"]


def begun(use: Use, *names: str, **fields: Any) -> str:
    """A mission whose first package is in progress on the main branch; the commit that it began at."""
    use.begin(*names, **fields)
    use.claim()
    use.move("start")
    return str(use.git.run("rev-parse", "HEAD"))


def words(use: Use, commits: str, name: str = "WP01") -> tuple[str, ...]:
    shown = ("--witness", use.witness(name, IMPLEMENTER))
    return ("mission", "move", "tried", name, "submit", "--as", IMPLEMENTER, *shown, "--commits", commits)


def refused(use: Use, commits: str, name: str = "WP01") -> dict[str, Any]:
    lane = use.lane(name)
    error = use.refused(*words(use, commits, name))
    assert use.lane(name) == lane
    return error


def test_commits_of_another_branch_are_not_the_work_of_a_package(use: Use) -> None:
    base = begun(use)
    use.git.run("switch", "-q", "-c", "aside")
    head = use.git.commit("elsewhere", {"src/WP01.py": "1"})
    error = refused(use, f"{base}..{head}")
    assert (error["reason"], "carried out on main" in error["message"]) == ("COMMITS_ELSEWHERE", True)
    use.git.run("switch", "-q", "main")
    use.git.run("merge", "-q", "--ff-only", "aside")
    assert use.done(*words(use, f"{base}..{head}"))["lane"] == "for_review"


def test_a_track_without_a_branch_has_no_work(use: Use) -> None:
    base = begun(use)
    use.git.run("switch", "-q", "-c", "elsewhere")
    use.git.run("branch", "-qD", "main")
    head = use.git.commit("do it", {"src/WP01.py": "1"})
    assert "there is no such branch" in refused(use, f"{base}..{head}")["message"]


def test_commits_change_only_what_the_package_owns_and_the_other_paths_are_named(use: Use) -> None:
    base = begun(use)
    use.git.commit("do it", {"src/WP01.py": "1", "README.md": "1"})
    use.git.commit("take a part back", {"README.md": "2", "src/other.py": "3"})
    error = refused(use, f"{base}..HEAD")
    assert (error["reason"], "does not own README.md, src/other.py:" in error["message"]) == ("PATH_NOT_OWNED", True)
    assert "src/WP01.py" in error["message"].partition("it owns")[2]


def test_many_paths_are_counted_rather_than_named(use: Use) -> None:
    base = begun(use)
    use.git.commit("much", {f"other/{place:02d}": "1" for place in range(20)})
    assert "other/07 and 12 more" in refused(use, f"{base}..HEAD")["message"]


@pytest.mark.parametrize("product", ["code_change", "documents"])
def test_commits_that_change_nothing_are_no_change_of_code(use: Use, product: str) -> None:
    base = begun(use, product=product)
    use.git.run("commit", "-q", "--allow-empty", "-m", "nothing")
    if product == "code_change":
        assert refused(use, f"{base}..HEAD")["reason"] == "COMMITS_EMPTY"
    else:
        assert use.done(*words(use, f"{base}..HEAD"))["lane"] == "for_review"


def test_a_package_that_reaches_everywhere_changes_everything(use: Use) -> None:
    base = begun(use, reach="repository", owned_files=[])
    use.git.commit("do it", {"README.md": "1", "src/other.py": "1"})
    assert use.done(*words(use, f"{base}..HEAD"))["lane"] == "for_review"


def test_what_was_merged_from_the_destination_is_not_the_packages_own(use: Use) -> None:
    use.begin()
    use.git.run("switch", "-q", "-c", "track")
    use.claim()
    use.move("start")
    base = use.git.run("rev-parse", "HEAD")
    use.git.commit("do it", {"src/WP01.py": "1"})
    use.git.run("switch", "-q", "main")
    use.git.commit("of others", {"README.md": "others"})
    use.git.run("switch", "-q", "track")
    use.git.run("merge", "-q", "--no-ff", "-m", "catch up", "main")
    assert use.done(*words(use, f"{base}..HEAD"))["lane"] == "for_review"


def test_what_a_merge_makes_itself_is_the_packages_own(use: Use) -> None:
    base = begun(use)
    use.git.run("switch", "-q", "-c", "side")
    use.git.commit("half of it", {"src/WP01.py": "1"})
    use.git.run("switch", "-q", "main")
    use.git.commit("the other half", {"src/WP01.py": "1"})
    use.git.run("merge", "-q", "--no-ff", "--no-commit", "side")
    use.git.commit("with more", {"README.md": "slipped in"})
    assert "does not own README.md:" in refused(use, f"{base}..HEAD")["message"]


def test_what_another_package_handed_in_on_the_same_branch_is_not_this_ones(use: Use) -> None:
    base = begun(use, "WP01", "WP02")
    head = use.git.commit("do WP01", {"src/WP01.py": "1"})
    use.claim("WP02")
    use.move("start", name="WP02")
    use.git.commit("do WP02", {"src/WP02.py": "1"})
    assert "does not own src/WP01.py:" in refused(use, f"{base}..HEAD", "WP02")["message"]
    use.done(*words(use, f"{base}..{head}"))
    assert use.done(*words(use, f"{base}..HEAD", "WP02"))["lane"] == "for_review"


def test_what_was_committed_since_a_package_was_begun_is_not_left_out_by_naming_less(use: Use) -> None:
    begun(use)
    before = use.git.commit("slipped in", {"README.md": "1"})
    use.git.commit("do it", {"src/WP01.py": "1"})
    error = refused(use, f"{before}..HEAD")
    assert (error["reason"], "README.md" in error["message"]) == ("PATH_NOT_OWNED", True)


def test_a_commit_by_the_daemon_brings_along_nothing_foreign_that_was_committed_before_it(use: Use) -> None:
    use.begin()
    use.git.run("switch", "-q", "-c", "missions/tried/track-01")
    use.claim()
    use.move("start")
    use.git.commit("slipped in", {"README.md": "1"})
    use.git.write("src/WP01.py", "1")
    use.daemon = SimpleNamespace()
    shown = ("--witness", use.witness("WP01", IMPLEMENTER))
    submit = ("mission", "move", "tried", "WP01", "submit", "--as", IMPLEMENTER, *shown, "--commit", "Do it")
    error = use.refused(*submit, "--path", "src/WP01.py")
    assert (error["reason"], "README.md" in error["message"]) == ("PATH_NOT_OWNED", True)
    assert use.lane() == "in_progress"
