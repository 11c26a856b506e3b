"""`repo.commit` does what the repository is set to do, where that is what git add and git commit would do."""

import os
import stat
from pathlib import Path

import pytest

from packages.domed.tests.tools.commits import Git, Repository, made
from packages.domed.tests.tools.repo_commit.conftest import Run


def test_attributes_and_filters_apply_as_git_add_applies_them(repository: Repository, run_tool: Run) -> None:
    repository.git("config", "filter.upper.clean", "tr a-z A-Z")
    repository.git("config", "filter.upper.smudge", "tr A-Z a-z")
    repository.write({".gitattributes": "*.crlf text\n*.up filter=upper\n*.bin -text\n"})
    files: dict[str, str | bytes | None] = {"x.crlf": "1\r\n2\r\n", "x.up": "low\n", "x.bin": b"\r\n\0"}
    repository.write(files)
    ran = run_tool("repo.commit", repository.request(*files, ".gitattributes"), repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert [repository.shown(path) for path in files] == [b"1\n2\n", b"LOW\n", b"\r\n\0"]
    assert repository.status() == []
    assert ran.result["stats"]["files_without_lines"] == 1


@pytest.mark.parametrize("options", [[], ["--object-format=sha256"]], ids=["sha1", "sha256"])
def test_the_first_commit_of_a_branch(tmp_path: Path, git: Git, run_tool: Run, options: list[str]) -> None:
    repository = made(tmp_path / "fresh", git, *options)
    repository.write({"a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n"})
    repository.git("add", "b.txt")
    ran = run_tool("repo.commit", repository.request("a.txt"), repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert ran.result["parent"] == "0" * len(ran.result["commit"])
    assert (repository.changed(), repository.status()) == (["A a.txt"], ["A  b.txt", "?? c.txt"])
    again = repository.request("c.txt", operation_id="op-01jd8x3k5m7q9r2t4v6w8y0z1c")
    assert run_tool("repo.commit", again, repository.root).result["parent"] == ran.result["commit"]


def test_a_linked_working_tree_has_an_index_and_a_branch_of_its_own(repository: Repository, run_tool: Run) -> None:
    repository.write({"b.txt": "staged\n"})
    repository.git("add", "b.txt")
    linked = Repository(repository.root.parent / "linked", repository.run)
    repository.git("worktree", "add", "-q", "-b", "side", str(linked.root))
    linked.write({"a.txt": "side\n", "b.txt": "staged there\n"})
    linked.git("add", "b.txt")
    # The working directory is another one: the target names where.
    ran = run_tool("repo.commit", linked.request("a.txt"), repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert ran.result["destination_ref"] == "refs/heads/side"
    assert (linked.status(), repository.status()) == (["M  b.txt"], ["M  b.txt"])
    assert linked.git("rev-parse", "HEAD^") == repository.head()


HOOKS = ("pre-commit", "prepare-commit-msg", "commit-msg", "reference-transaction", "post-commit", "post-index-change")


def write_hooks(repository: Repository, names: tuple[str, ...] = HOOKS, body: str = "") -> None:
    for name in names:
        path = repository.root / ".git/hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'#!/bin/sh\necho {name} >> "$(git rev-parse --git-dir)/witness"\n{body}')
        path.chmod(0o755)


def test_hooks_do_not_run(repository: Repository, run_tool: Run) -> None:
    repository.write({"a.txt": "x\n"})
    request = repository.request("a.txt")
    write_hooks(repository, body="exit 1\n")
    repository.git("config", "core.fsmonitor", str(repository.root / ".git/hooks/pre-commit"))
    ran = run_tool("repo.commit", request, repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert not (repository.root / ".git/witness").exists()


def test_hooks_run_where_the_input_says_so(repository: Repository, run_tool: Run) -> None:
    write_hooks(repository)
    (repository.root / ".git/hooks/commit-msg").write_text('sed -i "1s/$/ [checked]/" "$1"\n')
    repository.write({"a.txt": "x\n", "b.txt": "staged\n"})
    repository.git("-c", "core.hooksPath=/dev/null", "add", "b.txt")
    ran = run_tool("repo.commit", repository.request("a.txt", hooks="run"), repository.root)
    assert ran.exit_code == 0, ran.stderr
    said = (repository.root / ".git/witness").read_text().split()
    assert list(dict.fromkeys(said)) == ["pre-commit", "prepare-commit-msg", "reference-transaction", "post-commit"]
    assert repository.git("log", "-1", "--format=%s") == "The change [checked]"
    assert (repository.changed(), repository.status()) == (["M a.txt"], ["M  b.txt"])


def test_a_hook_may_mend_a_named_file(repository: Repository, run_tool: Run) -> None:
    write_hooks(repository, ("pre-commit",), "printf 'mended\\n' > a.txt; git add a.txt\n")
    repository.write({"a.txt": "x\n"})
    ran = run_tool("repo.commit", repository.request("a.txt", hooks="run"), repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert (repository.shown("a.txt"), repository.status()) == (b"mended\n", [])


def test_author_and_committer_are_those_that_the_input_names(repository: Repository, run_tool: Run) -> None:
    repository.write({"a.txt": "x\n"})
    author = {"name": "Bea Ünal", "email": "bea@example.org"}
    assert run_tool("repo.commit", repository.request("a.txt", author=author), repository.root).exit_code == 0
    people = "--format=%an <%ae> %cn <%ce>"
    assert repository.git("log", "-1", people) == "Bea Ünal <bea@example.org> Ada <ada@example.org>"
    repository.git("config", "--unset", "user.name")
    repository.git("config", "--unset", "user.email")
    repository.write({"a.txt": "y\n"})
    request = repository.request("a.txt", author=author, operation_id="op-01jd8x3k5m7q9r2t4v6w8y0z1c")
    ran = run_tool("repo.commit", request, repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert repository.git("log", "-1", people) == "Bea Ünal <bea@example.org> Bea Ünal <bea@example.org>"
    assert "repo.commit" in repository.git("reflog", "-1", "main")


def test_what_git_wants_signed_may_be_committed_without(repository: Repository, run_tool: Run) -> None:
    repository.git("config", "commit.gpgSign", "true")
    repository.git("config", "gpg.program", "false")
    repository.write({"a.txt": "x\n"})
    assert run_tool("repo.commit", repository.request("a.txt", signing="skip"), repository.root).exit_code == 0


def test_files_of_the_repository_keep_the_permissions_of_its_folders(repository: Repository, run_tool: Run) -> None:
    objects = repository.root / ".git/objects"
    objects.chmod(0o755)
    (repository.root / ".git/index").chmod(0o644)
    repository.write({"a.txt": "x\n"})
    old = os.umask(0o077)
    try:
        ran = run_tool("repo.commit", repository.request("a.txt"), repository.root)
    finally:
        os.umask(old)
    stored = objects / ran.result["commit"][:2] / ran.result["commit"][2:]
    assert stat.S_IMODE(stored.stat().st_mode) == 0o444
    assert stat.S_IMODE((repository.root / ".git/index").stat().st_mode) == 0o644


def test_a_sparse_checkout_keeps_what_it_does_not_show(repository: Repository, run_tool: Run) -> None:
    repository.commit({"out/x.txt": "x\n", "in/y.txt": "y\n"})
    repository.git("sparse-checkout", "set", "--sparse-index", "in")
    assert not (repository.root / "out").exists()
    repository.write({"in/y.txt": "changed\n", "in/z.txt": "z\n"})
    ran = run_tool("repo.commit", repository.request("in/y.txt", "in/z.txt"), repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert (repository.changed(), repository.status()) == (["M in/y.txt", "A in/z.txt"], [])
    assert repository.shown("out/x.txt") == b"x\n"
    assert not (repository.root / "out").exists()


def test_a_split_index_and_modes_that_are_not_trusted(repository: Repository, run_tool: Run) -> None:
    repository.git("config", "core.splitIndex", "true")
    repository.git("config", "core.fileMode", "false")
    repository.git("update-index", "--split-index", "--chmod=+x", "b.txt")
    repository.git("commit", "-qm", "x")
    repository.write({"a.txt": "x\n", "b.txt": "y\n", "c.txt": "z\n"})
    (repository.root / "a.txt").chmod(0o755)
    ran = run_tool("repo.commit", repository.request("a.txt", "b.txt", "c.txt"), repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert repository.git("ls-tree", "--format=%(objectmode)", "HEAD", "a.txt", "b.txt", "c.txt").split() == [
        "100644", "100755", "100644",
    ]  # fmt: skip
    assert repository.status() == []


def test_a_partial_clone_needs_only_what_is_named(repository: Repository, run_tool: Run) -> None:
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = Repository(repository.root.parent / "clone", repository.run)
    origin = f"file://{repository.root}"
    repository.git("clone", "-q", "--filter=blob:none", "--no-checkout", "--no-local", origin, str(clone.root))
    clone.git("sparse-checkout", "set", "nothing")
    clone.git("checkout", "-q", "main")
    for name, value in (("user.name", "Ada"), ("user.email", "a@b"), ("remote.origin.url", "file:///nowhere")):
        clone.git("config", name, value)
    clone.write({"nothing/new.txt": "new\n"})
    ran = run_tool("repo.commit", clone.request("nothing/new.txt"), clone.root)
    assert ran.exit_code == 0, ran.stderr
    assert clone.changed() == ["A nothing/new.txt"]
