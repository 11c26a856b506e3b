"""`repo.search` looks where it was told to, by the rules of the repository, and runs nothing of it."""

from pathlib import Path

from packages.domed.tests.tools.repo_search.conftest import GREP, Git, Run, write


def test_a_folder_of_a_repository_is_searched_alone(tmp_path: Path, git: Git, run_tool: Run) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {"a.txt": "needle\n", "sub/b.txt": "needle\n", "sub/c/d.txt": "needle\n"})
    ran = run_tool("repo.search", {"pattern": "needle", "paths": ["c"]}, tmp_path / "sub")
    assert ran.stdout == git(tmp_path / "sub", *GREP, "needle", "--", "c") == b"c/d.txt:1:needle\n"
    assert run_tool("repo.search", {"pattern": "needle"}, tmp_path / "sub").stdout.count(b"\n") == 2


def test_a_plain_folder_is_searched_by_the_same_rules(tmp_path: Path, run_tool: Run) -> None:
    write(tmp_path, {"a.txt": "needle\n", "b.log": "needle\n", ".gitignore": "*.log\n"})
    ran = run_tool("repo.search", {"pattern": "needle"}, tmp_path)
    assert (ran.stdout, ran.result["scope"]) == (b"a.txt:1:needle\n", "folder")
    ran = run_tool("repo.search", {"pattern": "needle", "include_ignored": True}, tmp_path)
    assert ran.stdout == b"a.txt:1:needle\nb.log:1:needle\n"


def test_paths_are_quoted_as_the_repository_is_set_to(tmp_path: Path, git: Git, run_tool: Run) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {"ü\n.txt": "needle\n"})
    for setting in ("true", "false"):
        git(tmp_path, "config", "core.quotePath", setting)
        assert run_tool("repo.search", {"pattern": "needle"}, tmp_path).stdout == git(tmp_path, *GREP, "needle")


def test_the_settings_of_a_repository_change_nothing(tmp_path: Path, git: Git, run_tool: Run) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {"sub/a.txt": "needle (a|b)\n"})
    expected = git(tmp_path / "sub", *GREP, "needle (.a|b.)")
    for name, value in {
        "color.ui": "always",
        "color.grep": "always",
        "grep.column": "true",
        "grep.fullName": "true",
        "grep.patternType": "fixed",
        "grep.threads": "1",
        "submodule.recurse": "true",
    }.items():
        git(tmp_path, "config", name, value)
    assert run_tool("repo.search", {"pattern": "needle (.a|b.)"}, tmp_path / "sub").stdout == expected


def test_nothing_of_the_repository_is_run(tmp_path: Path, git: Git, run_tool: Run) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    write(root, {"a.txt": "needle\n", ".gitattributes": "* diff=evil filter=evil\n"})
    git(root, "add", ".")
    git(root, "commit", "-qm", "x")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for name in (
        "core.fsmonitor",
        "core.pager",
        "pager.grep",
        "diff.evil.textconv",
        "filter.evil.clean",
        "core.sshCommand",
        "alias.grep",
    ):
        git(root, "config", name, str(trap))  # fmt: skip
    git(root, "config", "core.hooksPath", str(tmp_path))
    (tmp_path / "post-index-change").symlink_to(trap)
    for untracked in (True, False):
        ran = run_tool(
            "repo.search",
            {"pattern": "needle", "include_untracked": untracked},
            root,
            GIT_PAGER=str(trap),
            GIT_EXTERNAL_DIFF=str(trap),
            GIT_DIR="/nonexistent",
            GIT_CONFIG_COUNT="1",
            GIT_CONFIG_KEY_0="core.worktree",
            GIT_CONFIG_VALUE_0="/etc",
        )
        assert b"a.txt:1:needle\n" in ran.stdout
    assert not (tmp_path / "sprung").exists()
