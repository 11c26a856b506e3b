"""`repo.commit` commits the named paths, as git would, and nothing else."""

import pytest

from packages.domed.tests.tools.commits import OPERATION, Repository
from packages.domed.tests.tools.repo_commit.conftest import Run


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
