"""Missions in repositories that are not as usual: each command does its work, or is refused with a way on."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.mission_use import IMPLEMENTER, Use, use

__all__ = ["use"]
TRACK: Final = "missions/tried/track-01"
LOOKING: Final = (
    ("board",),
    ("mission", "list"),
    ("mission", "show", "tried"),
    ("mission", "show", "tried", "WP01"),
    ("mission", "next", "tried", "--query"),
    ("mission", "ready"),
    ("mission", "attention"),
    ("artefact", "show", "tried", "WP01", "--as", IMPLEMENTER),
)
NEW: Final = ("mission", "new", "tried", "--goal", "Try it", "--require", "FR-001=It works")


def reasons(use: Use) -> set[str]:
    """Look by every command: for which reasons some of them were refused, each with what to do next."""
    found = set()
    for words in LOOKING:
        said = use(*words, "--json")
        if said.code:
            error = said.error
            assert error["message"], words
            assert error["remedy"], words
            found.add(error["reason"])
    return found


def git_folder_behind_a_link(use: Use) -> None:
    (use.root / ".git").rename(use.root.parent / "elsewhere")
    (use.root / ".git").symlink_to(use.root.parent / "elsewhere")


def packed_and_collected(use: Use) -> None:
    use.git.run("pack-refs", "--all", "--prune")
    use.git.run("gc", "-q", "--prune=now")


def moved(use: Use) -> None:
    use.root.rename(use.root.parent / "moved")
    os.chdir(use.root.parent / "moved")


def renamed_branch(use: Use) -> None:
    use.git.run("branch", "-m", "main", "trunk")


def branch_behind_a_reference(use: Use) -> None:
    use.git.run("symbolic-ref", "refs/heads/alias", "refs/heads/main")
    use.git.run("symbolic-ref", "HEAD", "refs/heads/alias")


def strange_files(use: Use) -> None:
    for name in (b"a b.txt", b"a\nline", b"\xff\xfe", "\u00fc".encode(), b"back\\slash"):
        with open(os.fsencode(use.root) + b"/" + name, "wb") as file:
            file.write(b"x\n")
    use.git.run("add", "-A")
    use.git.run("commit", "-q", "-m", "strange")


def other_line_ends(use: Use) -> None:
    use.git.run("config", "core.autocrlf", "true")
    use.git.run("rm", "-q", "--cached", "-r", ".")
    use.git.run("reset", "-q", "--hard")


def directory_behind_a_link(use: Use) -> None:
    (use.root.parent / "link").symlink_to(use.root)
    os.chdir(use.root.parent / "link")


def clock_of_long_ago(use: Use) -> None:
    use.git.run("-c", "user.name=A", "commit", "-q", "--allow-empty", "-m", "old", "--date=1999-01-01T00:00:00Z")


UNCHANGED: Final = [
    git_folder_behind_a_link,
    packed_and_collected,
    moved,
    renamed_branch,
    branch_behind_a_reference,
    strange_files,
    other_line_ends,
    directory_behind_a_link,
    clock_of_long_ago,
]


@pytest.mark.parametrize("change", UNCHANGED, ids=lambda each: each.__name__)
def test_what_only_looks_different_changes_nothing(use: Use, change: Callable[[Use], None]) -> None:
    use.begin()
    change(use)
    assert reasons(use) == set()


def detached(use: Use) -> None:
    use.git.run("checkout", "-q", "--detach")


def head_is_nonsense(use: Use) -> None:
    (use.root / ".git/HEAD").write_bytes(b"\xff\n")


def branch_of_many_letters(use: Use) -> None:
    use.git.run("branch", "-m", "main", "\u00e4ste/\u4e2d")


def branch_that_is_no_text(use: Use) -> None:
    commit = use.git.run("rev-parse", "HEAD")
    with open(os.fsencode(use.root) + b"/.git/refs/heads/\xff\xfe", "w") as file:
        file.write(f"{commit}\n")
    (use.root / ".git/HEAD").write_bytes(b"ref: refs/heads/\xff\xfe\n")


def settings_are_nonsense(use: Use) -> None:
    (use.root / ".git/config").write_text("[core\n")


def copied(use: Use) -> None:
    shutil.copytree(use.root, use.root.parent / "copy")
    os.chdir(use.root.parent / "copy")


def directory_gone(use: Use) -> None:
    use.git.run("worktree", "add", "-q", "../tree", "-b", TRACK)
    os.chdir(use.root.parent / "tree")
    shutil.rmtree(use.root.parent / "tree")


def tree_moved_behind_gits_back(use: Use) -> None:
    use.git.run("worktree", "add", "-q", "../tree", "-b", TRACK)
    (use.root.parent / "tree").rename(use.root.parent / "moved")
    os.chdir(use.root.parent / "moved")


REFUSED: Final = [
    (detached, {"WORKSPACE_UNRESOLVED"}),
    (head_is_nonsense, {"WORKSPACE_UNRESOLVED"}),
    (branch_of_many_letters, {"PLACE_UNNAMEABLE"}),
    (branch_that_is_no_text, {"PLACE_UNNAMEABLE"}),
    (settings_are_nonsense, {"REPOSITORY_UNUSABLE"}),
    (copied, {"REPOSITORY_COPIED"}),
    (directory_gone, {"DIRECTORY_GONE"}),
    (tree_moved_behind_gits_back, {"WRONG_DIRECTORY"}),
]


@pytest.mark.parametrize(("change", "expected"), REFUSED, ids=lambda each: getattr(each, "__name__", ""))
def test_what_cannot_go_on_is_refused_with_a_way_on(
    use: Use, change: Callable[[Use], None], expected: set[str]
) -> None:
    use.begin()
    change(use)
    assert reasons(use) == expected


def test_a_worktree_that_is_removed_under_a_claim_leaves_the_claim_and_the_way_back(use: Use) -> None:
    use.begin()
    use.git.run("worktree", "add", "-q", "../tree", "-b", TRACK)
    words = ("mission", "claim", "tried", "WP01", "--as", IMPLEMENTER, "--witness", use.witness("WP01", IMPLEMENTER))
    use.done(*words)
    shutil.rmtree(use.root.parent / "tree")
    for _ in range(2):
        assert reasons(use) == set()
        use.git.run("worktree", "prune")
    # What was claimed stays claimed: the branch says where, and the tree can be made again.
    assert use.move("start")["lane"] == "in_progress"
    use.git.run("worktree", "add", "-q", "../tree", TRACK)
    (use.root.parent / "tree/src").mkdir()
    (use.root.parent / "tree/src/WP01.py").write_text("done\n")
    use.git.run("-C", "../tree", "add", "-A")
    use.git.run("-C", "../tree", "commit", "-q", "-m", "do it")
    assert use.move("submit", "--commits", f"main..{TRACK}")["lane"] == "for_review"


def test_a_witness_outlives_commits_of_others_and_not_those_of_its_own_track(use: Use) -> None:
    use.begin("WP01", "WP02")
    shown = use.witness("WP01", IMPLEMENTER)
    use.git.commit("of somebody else", {"other.txt": "other\n"})
    assert use.witness("WP01", IMPLEMENTER) == shown
    use.git.run("worktree", "add", "-q", "../tree", "-b", TRACK)
    shown = use.witness("WP01", IMPLEMENTER)
    use.git.commit("of somebody else again", {"other.txt": "another\n"})
    assert use.witness("WP01", IMPLEMENTER) == shown
    use.git.run("-C", "../tree", "commit", "-q", "--allow-empty", "-m", "on the track")
    claim = ("mission", "claim", "tried", "WP01", "--as", IMPLEMENTER, "--witness")
    assert use.refused(*claim, shown)["reason"] == "STALE_ARTEFACT"
    assert use.done(*claim, use.witness("WP01", IMPLEMENTER))["lane"] == "claimed"


def at(use: Use, root: Path, *settings: str) -> tuple[Use, Any]:
    """The commands in another repository."""
    root.mkdir()
    git = type(use.git)(root)
    git.run("init", "-q", "-b", "main", *settings)
    os.chdir(root)
    return Use(git, use._capture), git


def test_a_repository_of_long_ids_carries_a_mission_to_its_end(use: Use, tmp_path: Path) -> None:
    other, git = at(use, tmp_path / "long", "--object-format=sha256")
    git.commit("one", {"a.txt": "a"})
    other.begin()
    head = other.to_review()
    other.review("approved")
    other.done("mission", "accept", "tried", "--met", "all", "--absent", "all", "--note", "Tried by hand")
    assert len(head) == 64
    assert other.done("mission", "integrate", "tried")["receipt"]["commit"] == head
    assert other.lane() == "done"


def test_a_shallow_clone_carries_on_what_was_exported(use: Use, tmp_path: Path) -> None:
    use.begin()
    use.to_review()
    use.review("approved")
    log = tmp_path / "log"
    log.write_text(use("mission", "export", "tried").out)
    use.git.run("clone", "-q", "--depth", "1", f"file://{use.root}", str(tmp_path / "shallow"))
    os.chdir(tmp_path / "shallow")
    assert use("mission", "import", str(log)).code == 0
    assert reasons(use) == set()
    use.done("mission", "accept", "tried", "--met", "all", "--absent", "all", "--note", "Tried by hand")
    assert use.done("mission", "integrate", "tried")["receipt"]["found_by"] == "ancestry"


def test_a_branch_that_cannot_be_named_is_refused_where_it_is_named(use: Use) -> None:
    use.begin()
    use.git.run("branch", "\u00fc")
    claim = ("mission", "claim", "tried", "WP01", "--as", IMPLEMENTER, "--branch", "\u00fc", "--witness")
    assert use.refused(*claim, use.witness("WP01", IMPLEMENTER))["reason"] == "PLACE_UNNAMEABLE"
    branch_of_many_letters(use)
    assert use.refused("mission", "new", "other", *NEW[3:])["reason"] == "PLACE_UNNAMEABLE"
    assert not (use.root / "missions/other").exists()


def test_an_empty_repository_has_nothing_to_build_on(use: Use, tmp_path: Path) -> None:
    other, _ = at(use, tmp_path / "empty")
    other.done("charter", "init")
    assert other.refused(*NEW)["reason"] == "WORKSPACE_UNRESOLVED"


@pytest.mark.parametrize(
    ("name", "reason"), [(b"a\nline and a blank", ""), (b"no \xff text", "PLACE_UNNAMEABLE")], ids=["lines", "bytes"]
)
def test_a_directory_of_a_strange_name_works_or_says_why_not(
    use: Use, tmp_path: Path, name: bytes, reason: str
) -> None:
    other, git = at(use, tmp_path / os.fsdecode(name))
    git.commit("one", {"a.txt": "a"})
    other.done("charter", "init", "--title", "Charter")
    other.done(*NEW)
    other.write_package("WP01")
    other.done("mission", "finalize", "tried")
    assert reasons(other) == ({reason} if reason else set())


def test_missions_of_a_submodule_are_the_same_from_its_linked_tree(use: Use, tmp_path: Path) -> None:
    inner = use.root
    outer, git = at(use, tmp_path / "outer")
    git.run("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "inner")
    git.commit("with it")
    module = type(git)(tmp_path / "outer/inner")
    os.chdir(module.root)
    within = Use(module, outer._capture)
    within.begin()
    module.run("worktree", "add", "-q", str(tmp_path / "linked"), "-b", TRACK)
    shown = within.witness("WP01", IMPLEMENTER)
    board = within.done("board", "tried")
    os.chdir(tmp_path / "linked")
    assert (within.witness("WP01", IMPLEMENTER), within.done("board", "tried")) == (shown, board)
    claim = ("mission", "claim", "tried", "WP01", "--as", IMPLEMENTER, "--witness", shown)
    assert within.done(*claim)["lane"] == "claimed"
    assert subprocess.run(["git", "status", "--short"], cwd=tmp_path / "linked", capture_output=True).stdout == b""
