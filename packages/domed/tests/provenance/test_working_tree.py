"""Whether a tree is dirty, and that looking at it runs nothing of its own."""

import os
from pathlib import Path

import pytest

from domed.clock import SystemClock
from domed.provenance import working_tree
from domed.provenance.working_tree import Tree, look
from packages.domed.tests.provenance.conftest import Git

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "/nowhere"}


def tree(git: Git, *, born: bool = True) -> Tree:
    return look(git.root, born=born, environment=ENVIRONMENT, monotonic=SystemClock().monotonic)


def test_a_clean_tree(git: Git) -> None:
    git.commit()
    assert tree(git) == Tree(dirty=False)


def test_an_empty_repository_is_clean_until_there_is_a_file(git: Git) -> None:
    assert tree(git, born=False) == Tree(dirty=False)
    (git.root / "new").write_text("x")
    assert tree(git, born=False).dirty is True


def test_a_changed_file_makes_it_dirty_and_its_content_tells_trees_apart(git: Git) -> None:
    git.commit()
    (git.root / "file").write_text("two\n")
    first = tree(git)
    assert (first.dirty, first.unknown) == (True, "")
    assert tree(git) == first
    (git.root / "file").write_text("six\n")
    assert tree(git).digest != first.digest
    git("add", "file")
    assert tree(git).dirty is True


def test_untracked_files_count_and_ignored_ones_do_not(git: Git) -> None:
    git.commit(".gitignore", "*.o\n")
    (git.root / "a.o").write_text("x")
    assert tree(git).dirty is False
    (git.root / "a.c").write_text("x")
    assert tree(git).dirty is True


def test_a_removed_file_makes_it_dirty(git: Git) -> None:
    git.commit()
    (git.root / "file").unlink()
    assert tree(git).dirty is True


def test_looking_writes_nothing(git: Git) -> None:
    git.commit()
    os.utime(git.root / "file", (0, 0))
    index = (git.root / ".git/index").read_bytes()
    assert tree(git).dirty is False
    assert (git.root / ".git/index").read_bytes() == index


def test_no_git(git: Git, tmp_path: Path) -> None:
    found = look(git.root, born=True, environment={"PATH": str(tmp_path)}, monotonic=SystemClock().monotonic)
    assert found.dirty is None
    assert "git cannot be run" in found.unknown


def test_a_git_that_takes_too_long(git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setattr(working_tree, "LOOK_S", 0.2)
    found = look(
        git.root, born=True, environment={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, monotonic=SystemClock().monotonic
    )
    assert found == Tree(unknown="`git status` did not end within 0.2 s")


def test_a_git_that_refuses_is_quoted(git: Git, tmp_path: Path) -> None:
    (tmp_path / "git").write_text(
        "#!/bin/sh\necho warning: hm >&2\necho 'fatal: detected dubious ownership' >&2\nexit 128\n"
    )
    (tmp_path / "git").chmod(0o755)
    found = look(
        git.root, born=True, environment={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, monotonic=SystemClock().monotonic
    )
    assert found.unknown == "`git status` failed: fatal: detected dubious ownership"


def test_a_git_directory_that_git_does_not_accept_is_not_answered_for_by_an_outer_one(git: Git) -> None:
    git.commit()
    inner = git.root / "inner"
    (inner / ".git").mkdir(parents=True)
    (inner / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert (
        "not a git repository"
        in look(inner, born=True, environment=ENVIRONMENT, monotonic=SystemClock().monotonic).unknown
    )


def test_nothing_of_the_repository_runs(git: Git, tmp_path: Path) -> None:
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(0o755)
    git.commit(".gitattributes", "* diff=trap\n")
    git.commit()
    for name in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "diff.trap.command",
        "diff.trap.textconv",
        "core.askPass",
        "gpg.program",
    ):
        git("config", name, str(trap))
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "fsmonitor-watchman", "post-checkout", "pre-commit"):
        (hooks / name).symlink_to(trap)
    git("config", "core.hooksPath", str(hooks))
    (tmp_path / "sprung").unlink(missing_ok=True)
    (git.root / "file").write_text("changed\n")
    os.utime(git.root / ".gitattributes", (0, 0))
    found = tree(git)
    assert (found.dirty, found.unknown) == (True, "")
    assert not (tmp_path / "sprung").exists()
