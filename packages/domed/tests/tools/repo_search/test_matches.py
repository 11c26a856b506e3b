"""`repo.search` finds what `git grep` finds, by every option."""

import re
from pathlib import Path
from typing import Any

import pytest

from packages.domed.tests.tools.repo_search.conftest import GREP, Git, Run, write

THIS_REPOSITORY = Path(__file__).parents[5]
PATTERNS = ["needle", "^needle$", "needle|hay", "[[:upper:]]", "needle.*needle", "no such thing"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_lines_are_those_of_git_grep(repository: Path, git: Git, run_tool: Run, pattern: str) -> None:
    expected = git(repository, *GREP, "-e", pattern, accepted=(0, 1))
    ran = run_tool("repo.search", {"pattern": pattern, "matches_max": 100_000}, repository)
    assert ran.exit_code == 0
    assert ran.stdout == expected
    assert ran.result["matches_count"] == len(ran.result["matches"]) == expected.count(b"\n")
    assert not ran.result["truncated"]


def test_the_result_is_what_git_grep_says_in_its_unambiguous_form(repository: Path, git: Git, run_tool: Run) -> None:
    rest = git(repository, *GREP, "-z", "needle", accepted=(0, 1))
    for match in run_tool("repo.search", {"pattern": "needle"}, repository).result["matches"]:
        path, text = (unescaped(match[name], match.get(f"{name}_escaped")) for name in ("path", "text"))
        said = path + b"\0%d\0" % match["line"] + text
        assert rest.startswith(said)
        assert match.get("text_truncated") or rest[len(said) :].startswith(b"\n")
        rest = rest[rest.index(b"\n", len(said)) + 1 :]
    assert rest == b""


def unescaped(text: str, escaped: bool | None) -> bytes:
    if not escaped:
        return text.encode()
    return re.sub(
        rb"\\(\\|x..)",
        lambda found: b"\\" if found[1] == b"\\" else bytes.fromhex(found[1][1:].decode()),
        text.encode(),
    )


def test_binary_files_are_left_out_as_git_leaves_them_out(tmp_path: Path, git: Git, run_tool: Run) -> None:
    git(tmp_path, "init", "-q")
    write(
        tmp_path, {"a.bin": b"needle\0\n", "b.txt": "needle\n", ".gitattributes": "c.dat binary\n", "c.dat": "needle\n"}
    )
    expected = git(tmp_path, "grep", "-nIE", "--untracked", "needle")
    assert run_tool("repo.search", {"pattern": "needle"}, tmp_path).stdout == expected == b"b.txt:1:needle\n"


def test_this_repository_is_searched_as_git_searches_it(git: Git, run_tool: Run) -> None:
    if not (THIS_REPOSITORY / ".git").exists():
        pytest.skip("not run from a repository")
    # Files of the sources only: others may be written to while the two look.
    pattern = r"def [a-z_]+\(.*\) -> (None|bytes):"
    where = ["packages/domed/src/domed/tools", "packages/domed/src/domed/jobs", "contracts/proto"]
    expected = git(
        THIS_REPOSITORY, "-c", "safe.directory=*", "grep", "-nIE", "--untracked", "-e", pattern, "--", *where
    )
    ran = run_tool("repo.search", {"pattern": pattern, "paths": where}, THIS_REPOSITORY)
    assert ran.stdout == expected


@pytest.mark.parametrize(
    ("document", "arguments"),
    [
        ({"pattern": "NEEDLE", "ignore_case": True}, ["-nE", "-i", "--untracked", "NEEDLE"]),
        ({"pattern": "need", "whole_words": True}, ["-nE", "-w", "--untracked", "need"]),
        ({"pattern": "a.c", "dialect": "fixed"}, ["-nF", "--untracked", "a.c"]),
        ({"pattern": r"(?<=a)\d", "dialect": "perl"}, ["-nP", "--untracked", r"(?<=a)\d"]),
        ({"pattern": "-e"}, ["-nE", "--untracked", "-e", "-e"]),
        ({"pattern": "one\ntwo"}, ["-nE", "--untracked", "-e", "one", "-e", "two"]),
        ({"pattern": "x", "include_untracked": False}, ["-nE", "x"]),
        ({"pattern": "x", "include_ignored": True}, ["-nE", "--untracked", "--no-exclude-standard", "x"]),
        ({"pattern": "x", "paths": ["src"]}, ["-nE", "--untracked", "x", "--", "src"]),
        ({"pattern": "x", "globs": ["*.py"]}, ["-nE", "--untracked", "x", "--", "*.py"]),
        ({"pattern": "x", "exclude_globs": ["*.py"]}, ["-nE", "--untracked", "x", "--", ".", ":!*.py"]),
        ({"pattern": "x", "globs": ["src/*.py"]}, ["-nE", "--untracked", "x", "--", ":(glob)src/*.py"]),
        ({"pattern": "x", "exclude_globs": ["deep"]}, ["-nE", "--untracked", "x", "--", ".", ":!src/deep"]),
        ({"pattern": "x", "exclude_globs": ["deep/"]}, ["-nE", "--untracked", "x", "--", ".", ":!src/deep"]),
        (
            {"pattern": "x", "paths": ["src/deep", "odd[1]"], "globs": ["*.py"]},
            ["-nE", "--untracked", "x", "--", "src/deep/*.py", ":(literal)odd[1]/c.py"],
        ),
        ({"pattern": "x", "paths": ["src/a.txt"], "globs": ["*.py"]}, ["-nE", "--untracked", "x", "--", "src/a.txt"]),
    ],
)
def test_every_option_means_what_it_means_to_git(
    tmp_path: Path, git: Git, run_tool: Run, document: dict[str, Any], arguments: list[str]
) -> None:
    git(tmp_path, "init", "-q")
    write(
        tmp_path,
        {
            "src/a.py": "x needle a.c abc a1 -e one\n",
            "src/a.txt": "x need Needle two\n",
            "src/deep/b.py": "x needles\n",
            "odd[1]/c.py": "x\n",
            "odd1/d.py": "x\n",
            "tracked.txt": "x\n",
            "ignored.txt": "x\n",
            ".gitignore": "ignored.txt\n",
        },
    )
    git(tmp_path, "add", "tracked.txt")
    expected = git(tmp_path, "grep", *arguments)
    assert expected
    assert run_tool("repo.search", document, tmp_path).stdout == expected
