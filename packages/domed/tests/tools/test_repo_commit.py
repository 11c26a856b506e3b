"""`repo.commit` commits exactly the named paths as they are in the working tree, and leaves everything else alone."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from packages.domed.tests.tools.commits import OPERATION, Git, Repository, made

Run = Callable[..., Any]


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Repository:
    repository = made(tmp_path / "repository", git)
    repository.commit({"a.txt": "a\n", "b.txt": "b\n", "sub/c.txt": "c\n", "old.txt": "old\n"})
    return repository


def test_the_named_paths_are_committed_and_nothing_else(repository: Repository, run_tool: Run) -> None:
    before = repository.head()
    repository.write({"a.txt": "a\nmore\n", "b.txt": "changed\n", "new.txt": "1\n2\n", "left.txt": "", "old.txt": None})
    ran = run_tool("repo.commit", repository.request("a.txt", "new.txt", "old.txt", "sub/c.txt"), repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert repository.changed() == ["M a.txt", "A new.txt", "D old.txt"]
    assert repository.status() == [" M b.txt", "?? left.txt"]
    assert ran.result == {
        "operation_id": OPERATION,
        "destination_ref": "refs/heads/main",
        "commit": repository.head(),
        "parent": before,
        "tree": repository.git("rev-parse", "HEAD^{tree}"),
        "was_already_committed": False,
        "paths": [
            {"path": "a.txt", "change": "modified", "staged": False},
            {"path": "new.txt", "change": "added", "staged": False},
            {"path": "old.txt", "change": "deleted", "staged": False},
            {"path": "sub/c.txt", "change": "unchanged", "staged": False},
        ],
        "stats": {"files": 3, "insertions": 3, "deletions": 1, "files_without_lines": 0},
    }
    assert repository.git("rev-parse", "HEAD^") == before
    assert repository.git("diff-files", "--name-only") == "b.txt"
    repository.git("fsck", "--strict")


def test_the_message_ends_with_the_trailer_of_the_operation(repository: Repository, run_tool: Run) -> None:
    repository.write({"a.txt": "x"})
    body = "Why it is so.\n---\n# not a comment \n\nSigned-off-by: Ada <a@b>\nReviewed-by: Bea <b@c>\n\n"
    message = {"subject": "Änderung", "body": body}
    assert run_tool("repo.commit", repository.request("a.txt", message=message), repository.root).exit_code == 0
    said = repository.git("log", "-1", "--format=%B")
    assert said == (
        "Änderung\n\nWhy it is so.\n---\n# not a comment\n\n"
        f"Signed-off-by: Ada <a@b>\nReviewed-by: Bea <b@c>\nDome-Operation: {OPERATION}\n"
    ).rstrip("\n")
    assert repository.git("log", "-1", "--format=%(trailers:key=Dome-Operation,valueonly)").strip() == OPERATION
    assert repository.git("log", "-1", "--format=%(trailers:key=Signed-off-by,valueonly)").strip() == "Ada <a@b>"


def test_what_is_staged_of_other_paths_stays_staged(repository: Repository, run_tool: Run) -> None:
    repository.write({"b.txt": "staged\n", "staged.txt": "staged\n", "sub/c.txt": None})
    repository.git("add", "-A", "b.txt", "staged.txt", "sub")
    repository.write({"b.txt": "staged and changed\n", "a.txt": "x\n", "intended.txt": "later\n"})
    repository.git("add", "-N", "intended.txt")
    before = repository.status()
    ran = run_tool("repo.commit", repository.request("a.txt"), repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert repository.changed() == ["M a.txt"]
    assert repository.status() == [line for line in before if line != " M a.txt"]
    assert repository.git("show", ":b.txt") == "staged"


def test_a_named_path_that_was_staged_in_another_form_keeps_that_form(repository: Repository, run_tool: Run) -> None:
    repository.write({"a.txt": "staged\n", "b.txt": "same\n", "old.txt": None, "new.txt": "staged\n"})
    repository.git("add", "-A", ".")
    repository.write({"a.txt": "in the tree\n", "old.txt": "back\n", "new.txt": None})
    ran = run_tool("repo.commit", repository.request("a.txt", "b.txt", "old.txt", "new.txt"), repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert repository.changed() == ["M a.txt", "M b.txt", "M old.txt"]
    assert repository.shown("a.txt") == b"in the tree\n"
    assert repository.git("show", ":a.txt") == "staged"
    assert [path["staged"] for path in ran.result["paths"]] == [True, False, True, True]
    # Staged against what was committed, and the working tree against what is staged.
    assert sorted(repository.status()) == ["?? old.txt", "AD new.txt", "D  old.txt", "MM a.txt"]


def test_an_intent_to_add_is_followed(repository: Repository, run_tool: Run) -> None:
    repository.write({"new.txt": "new\n", "empty.txt": ""})
    repository.git("add", "-N", "new.txt", "empty.txt")
    assert run_tool("repo.commit", repository.request("new.txt", "empty.txt"), repository.root).exit_code == 0
    assert repository.status() == []


def test_modes_and_links_are_committed_as_they_are(repository: Repository, run_tool: Run) -> None:
    repository.write({"run.sh": "#!/bin/sh\n"})
    (repository.root / "run.sh").chmod(0o755)
    (repository.root / "a.txt").chmod(0o755)
    (repository.root / "b.txt").unlink()
    (repository.root / "b.txt").symlink_to("sub/c.txt")
    (repository.root / "dangling").symlink_to("nowhere")
    (repository.root / "folder").symlink_to("sub")
    paths = ("run.sh", "a.txt", "b.txt", "dangling", "folder")
    assert run_tool("repo.commit", repository.request(*paths), repository.root).exit_code == 0
    modes = {line.split("\t")[1]: line.split()[0] for line in repository.git("ls-tree", "HEAD").splitlines()}
    assert [modes[path] for path in paths] == ["100755", "100755", "120000", "120000", "120000"]
    assert repository.shown("b.txt") == b"sub/c.txt"
    assert repository.status() == []


def test_a_file_may_become_a_folder_and_a_folder_a_file(repository: Repository, run_tool: Run) -> None:
    repository.write({"a.txt": None, "sub/c.txt": None})
    (repository.root / "sub").rmdir()
    repository.write({"a.txt/inner": "x", "sub": "file"})
    request = repository.request("a.txt/inner", "sub", "a.txt", "sub/c.txt")
    ran = run_tool("repo.commit", request, repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert repository.changed() == ["D a.txt", "A a.txt/inner", "A sub", "D sub/c.txt"]
    assert repository.status() == []


def test_a_folder_that_became_a_link_takes_its_files_away(repository: Repository, run_tool: Run) -> None:
    (repository.root / "sub").rename(repository.root / "moved")
    (repository.root / "sub").symlink_to("moved")
    ran = run_tool("repo.commit", repository.request("sub", "sub/c.txt", "moved/c.txt"), repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert repository.changed() == ["A moved/c.txt", "A sub", "D sub/c.txt"]
    assert repository.status() == []


@pytest.mark.parametrize(
    "name",
    [
        "with space",
        "ünï",
        "new\nline",
        'quo"te',
        "tab\t",
        "-n",
        ":(top)x",
        ":!x",
        "*",
        "\x01\x7f",
        "a\u2028b",
        " ",
        "針",
    ],
)
def test_a_name_is_a_name_however_odd(repository: Repository, run_tool: Run, name: str) -> None:
    repository.write({name: "odd\n", f"{name}-too": "not named\n", f"folder/{name}/{name}": "deep\n"})
    ran = run_tool("repo.commit", repository.request(name, f"folder/{name}/{name}"), repository.root)
    assert ran.exit_code == 0, ran.stderr
    assert sorted(repository.changed()) == sorted([f"A {name}", f"A folder/{name}/{name}"])
    assert repository.status() == [f"?? {name}-too"]


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


def test_the_same_operation_twice_gives_one_commit(repository: Repository, run_tool: Run) -> None:
    repository.write({"a.txt": "x\n", "b.txt": "y\n"})
    request = repository.request("a.txt", "old.txt")
    first = run_tool("repo.commit", request, repository.root).result
    repository.git("add", "b.txt")
    second = run_tool("repo.commit", request, repository.root).result
    assert second == {**first, "was_already_committed": True}
    repository.git("commit", "-qm", "by hand")
    third = run_tool("repo.commit", {**request, "target": repository.target()}, repository.root).result
    assert third == second
    assert repository.git("rev-list", "--count", "HEAD") == "3"


def test_a_commit_of_the_operation_on_another_branch_is_not_the_answer(repository: Repository, run_tool: Run) -> None:
    repository.git("switch", "-qc", "side")
    repository.write({"a.txt": "x\n"})
    assert run_tool("repo.commit", repository.request("a.txt"), repository.root).exit_code == 0
    repository.git("switch", "-q", "main")
    repository.write({"a.txt": "x\n"})
    ran = run_tool("repo.commit", repository.request("a.txt"), repository.root)
    assert not ran.result["was_already_committed"]


def test_words_in_a_message_make_no_commit_that_of_an_operation(repository: Repository, run_tool: Run) -> None:
    repository.commit({"b.txt": "1"}, f"Speaks of it\n\nDome-Operation: {OPERATION}\n\nand goes on")
    repository.commit({"b.txt": "2"}, f"Another\n\nDome-Operation: {OPERATION[:-1]}\nX-Dome-Operation: {OPERATION}")
    repository.write({"a.txt": "x\n"})
    assert not run_tool("repo.commit", repository.request("a.txt"), repository.root).result["was_already_committed"]


def test_nothing_from_outside_leads_git_elsewhere(repository: Repository, tmp_path: Path, run_tool: Run) -> None:
    repository.write({"a.txt": "x\n"})
    names = ("DIR", "WORK_TREE", "INDEX_FILE", "OBJECT_DIRECTORY", "CONFIG_GLOBAL", "NAMESPACE", "TRACE", "ASKPASS")
    outside = {f"GIT_{name}": str(tmp_path / "elsewhere") for name in names}
    outside |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "commit.gpgSign", "GIT_CONFIG_VALUE_0": "true"}
    ran = run_tool("repo.commit", repository.request("a.txt"), repository.root, **outside)
    assert ran.exit_code == 0, ran.stderr
    assert (repository.changed(), repository.status()) == (["M a.txt"], [])
    assert list(tmp_path.glob("elsewhere*")) == []


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


def test_it_says_how_far_it_is(repository: Repository, run_tool: Run) -> None:
    repository.write({"a.txt": "x\n"})
    ran = run_tool("repo.commit", repository.request("a.txt"), repository.root)
    said = [(message["done"], message["total"]) for message in ran.messages if message["type"] == "progress"]
    assert said == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert ran.stdout.decode() == f"[main {ran.result['commit'][:12]}] The change\n"
