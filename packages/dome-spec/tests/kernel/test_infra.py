"""Where state lies, and which repository is which."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.exit_codes import Exit
from dome_spec.kernel import (
    FixedClock,
    Ids,
    InfraContext,
    NothingKept,
    RepositoryCopied,
    RepositoryKeyDamaged,
    RepositoryNotWritable,
    resolve_infra,
)

Git = Any
NewRepository = Callable[[str], Git]
NOON = FixedClock(datetime(2024, 5, 17, 12, tzinfo=UTC))


@pytest.fixture
def ids() -> Ids:
    return Ids(NOON)


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path)}


@pytest.fixture
def repository(new_repository: NewRepository) -> Git:
    git = new_repository("shop")
    git.commit("one", {"a.txt": "a"})
    return git


def minted(root: Path, environ: Mapping[str, str], ids: Ids) -> InfraContext:
    return resolve_infra(root, environ).mint(ids)


def test_a_repository_has_no_id_before_something_is_kept(repository: Git, environ: Mapping[str, str]) -> None:
    infra = resolve_infra(repository.root, environ)
    assert infra.repository_id is None
    with pytest.raises(NothingKept) as refused:
        _ = infra.memory_path
    assert refused.value.exit_code == Exit.NOT_FOUND
    assert not Path(environ["XDG_STATE_HOME"]).exists(), "asking writes nothing"


def test_the_id_that_was_minted_once_stays(repository: Git, environ: Mapping[str, str], ids: Ids) -> None:
    first = minted(repository.root, environ, ids)
    assert first.repository_id is not None
    assert resolve_infra(repository.root, environ) == first
    assert minted(repository.root, environ, ids) == first
    assert first.memory_path == Path(environ["XDG_STATE_HOME"]) / "dome/spec" / first.repository_id / "memory.sqlite"
    assert stat.S_IMODE(first.state_dir.stat().st_mode) == 0o700


def test_whoever_mints_second_has_the_id_of_the_first(repository: Git, environ: Mapping[str, str], ids: Ids) -> None:
    one, other = resolve_infra(repository.root, environ), resolve_infra(repository.root, environ)
    assert one.mint(ids) == other.mint(ids)


def test_a_subdirectory_belongs_to_its_repository(repository: Git, environ: Mapping[str, str], ids: Ids) -> None:
    below = repository.root / "src"
    below.mkdir()
    at_top = minted(repository.root, environ, ids)
    assert resolve_infra(below, environ).repository_id == at_top.repository_id
    assert resolve_infra(below, environ).root == repository.root.resolve()


def test_a_worktree_and_its_main_checkout_have_one_memory(
    repository: Git, environ: Mapping[str, str], ids: Ids, tmp_path: Path
) -> None:
    repository.run("worktree", "add", "-q", str(tmp_path / "beside"))
    beside = minted(tmp_path / "beside", environ, ids)
    main = minted(repository.root, environ, ids)
    assert main.memory_path == beside.memory_path
    assert (main.root, beside.root) == (repository.root.resolve(), (tmp_path / "beside").resolve())


def test_a_copied_directory_is_refused_until_it_has_an_id_of_its_own(
    repository: Git, environ: Mapping[str, str], ids: Ids, tmp_path: Path
) -> None:
    original = minted(repository.root, environ, ids)
    copy = tmp_path / "copy"
    shutil.copytree(repository.root, copy)
    with pytest.raises(RepositoryCopied, match="rekey"):
        resolve_infra(copy, environ)
    renewed = resolve_infra(copy, environ, allow_copy=True).rekey(ids)
    assert renewed.repository_id != original.repository_id
    assert resolve_infra(copy, environ) == renewed
    assert resolve_infra(repository.root, environ) == original


def test_a_moved_directory_keeps_its_memory(
    repository: Git, environ: Mapping[str, str], ids: Ids, tmp_path: Path
) -> None:
    original = minted(repository.root, environ, ids)
    moved = tmp_path / "elsewhere"
    repository.root.rename(moved)
    assert minted(moved, environ, ids).repository_id == original.repository_id
    shutil.copytree(moved, repository.root)
    with pytest.raises(RepositoryCopied):
        resolve_infra(repository.root, environ)


def test_an_original_that_comes_back_is_the_copy_of_what_took_its_place(
    repository: Git, environ: Mapping[str, str], ids: Ids, tmp_path: Path
) -> None:
    minted(repository.root, environ, ids)
    away, copy = tmp_path / "away", tmp_path / "copy"
    shutil.copytree(repository.root, copy)
    repository.root.rename(away)
    minted(copy, environ, ids)
    away.rename(repository.root)
    with pytest.raises(RepositoryCopied):
        resolve_infra(repository.root, environ)


def test_a_directory_under_two_names_is_no_copy(
    repository: Git, environ: Mapping[str, str], ids: Ids, tmp_path: Path
) -> None:
    original = minted(repository.root, environ, ids)
    (tmp_path / "link").symlink_to(repository.root)
    assert resolve_infra(tmp_path / "link", environ).repository_id == original.repository_id


def test_outside_of_git_the_id_is_that_of_the_path(tmp_path: Path, environ: Mapping[str, str], ids: Ids) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    infra = resolve_infra(here, environ)
    assert infra.repository_id is not None
    assert infra.mint(ids) == resolve_infra(here, environ)
    assert infra.repository_id != resolve_infra(there, environ).repository_id
    assert list(here.iterdir()) == [], "nothing is written into the directory"
    with pytest.raises(NothingKept, match="path"):
        infra.rekey(ids)


@pytest.mark.parametrize("text", ["", "repo-1\n/x\n", "nonsense", "repo-01htvy9ae00wea48kqahr5gdxa\nrelative\n"])
def test_a_damaged_id_is_told_and_can_be_replaced(
    repository: Git, environ: Mapping[str, str], ids: Ids, text: str
) -> None:
    repository.write(".git/dome/repository-id", text)
    with pytest.raises(RepositoryKeyDamaged, match="rekey"):
        resolve_infra(repository.root, environ)
    renewed = resolve_infra(repository.root, environ, allow_copy=True).rekey(ids)
    assert resolve_infra(repository.root, environ) == renewed


def test_what_cannot_be_written_is_told(repository: Git, environ: Mapping[str, str], ids: Ids) -> None:
    repository.write(".git/dome", "a file is in the way")
    with pytest.raises(RepositoryNotWritable):
        minted(repository.root, environ, ids)


def test_state_that_cannot_be_written_is_told(repository: Git, tmp_path: Path, ids: Ids) -> None:
    (tmp_path / "taken").write_text("a file is in the way")
    with pytest.raises(RepositoryNotWritable, match="XDG_STATE_HOME"):
        minted(repository.root, {"XDG_STATE_HOME": str(tmp_path / "taken")}, ids)


def test_without_a_state_home_it_lies_below_the_users_home(repository: Git, tmp_path: Path) -> None:
    assert resolve_infra(repository.root, {"HOME": str(tmp_path)}).state_root == tmp_path / ".local/state/dome/spec"


@pytest.mark.parametrize("named", ["state", "./state", "~/state", ""])
def test_a_state_home_that_is_no_whole_path_does_not_count(repository: Git, tmp_path: Path, named: str) -> None:
    environ = {"HOME": str(tmp_path), "XDG_STATE_HOME": named}
    assert resolve_infra(repository.root, environ).state_root == tmp_path / ".local/state/dome/spec"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become a user that the system does not know")
def test_a_user_whom_the_system_does_not_know_is_told_what_to_set(tmp_path: Path) -> None:
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom dome_spec.kernel import Refusal, resolve_infra\n"
        "os.setuid(54321)\ntry:\n    resolve_infra(Path('/'), {})\nexcept Refusal as error:\n    print(error.hint)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert "Set XDG_STATE_HOME or HOME" in done.stdout, done.stderr
