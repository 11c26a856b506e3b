"""`repo.search` finds what `git grep -nE --untracked` finds, says it at once, and runs nothing of the repository."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domed.tools.repo_search.git import THREADS

Git = Callable[..., bytes]
Run = Callable[..., Any]
GREP = ("grep", "-nE", "--untracked")
THIS_REPOSITORY = Path(__file__).parents[4]


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape"))


def ignores(root: Path, git: Git) -> None:
    """Nested ignore rules, tracked but ignored files, excludes of the repository itself."""
    write(
        root,
        {
            "kept.txt": "needle\n",
            "forced.log": "needle tracked although ignored\n",
            "build/out.txt": "needle in an ignored folder\n",
            "sub/.gitignore": "*.tmp\n!keep.tmp\n",
            "sub/a.tmp": "needle\n",
            "sub/keep.tmp": "needle kept\n",
            "sub/deep/b.tmp": "needle\n",
            "private.txt": "needle\n",
            ".gitignore": "*.log\nbuild/\n",
            ".hidden/x": "needle hidden\n",
        },
    )
    git(root, "add", "-f", "forced.log", ".gitignore")
    git(root, "commit", "-qm", "x")
    (root / ".git/info/exclude").write_text("private.txt\n")


def names(root: Path, git: Git) -> None:
    """Names that need quoting, and such that could be taken for something else."""
    odd = [
        "with space",
        "ünï",
        "new\nline",
        'quo"te',
        "back\\slash",
        "tab\t",
        "a:1:b",
        "-n",
        ":(top)x",
        "*",
        "\x01\x7f",
        "odd\udcff",
    ]
    write(root, {f"{name}/{name}": f"needle in {name!a}\n" for name in odd})
    git(root, "add", "./ünï")


def content(root: Path, git: Git) -> None:
    """Line ends, no line end, long lines, no UTF-8, nothing."""
    write(
        root,
        {
            "crlf.txt": "needle\r\nhay\r\nneedle\r\n",
            "mixed.txt": "a needle\rb\n\n\nneedle",
            "empty.txt": "",
            "long.txt": "x" * 3_000_000 + "needle" + "y" * 500_000 + "\nneedle\n",
            "latin.txt": b"caf\xe9 needle \xff\xfe\n",
            "late_nul.txt": b"x\n" * 10_000 + b"needle \0 nul\n",
            "utf8.txt": "nädel needle 針\n",
            "colon.txt": "needle:1:needle\n",
            "many.txt": "needle\n" * 500,
        },
    )


def links(root: Path, git: Git) -> None:
    """Links to files, to folders, to nothing, out of the repository; a repository within."""
    write(root, {"real/a.txt": "needle\n"})
    (root / "file_link").symlink_to("real/a.txt")
    (root / "folder_link").symlink_to("real")
    (root / "dangling").symlink_to("nowhere")
    (root / "needle").symlink_to("/etc")
    (root / "inner").mkdir()
    git(root / "inner", "init", "-q")
    write(root / "inner", {"b.txt": "needle in another repository\n"})
    os.mkfifo(root / "pipe")


def deleted(root: Path, git: Git) -> None:
    """Tracked files that are gone or differ from what was committed."""
    write(root, {"gone.txt": "needle\n", "changed.txt": "hay\n", "folder/x": "needle\n"})
    git(root, "add", ".")
    git(root, "commit", "-qm", "x")
    (root / "gone.txt").unlink()
    write(root, {"changed.txt": "needle\n"})


@pytest.fixture(params=[ignores, names, content, links, deleted])
def repository(tmp_path: Path, git: Git, request: pytest.FixtureRequest) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    request.param(root, git)
    return root


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


def test_what_is_no_utf8_is_escaped_in_the_result_and_raw_in_the_output(tmp_path: Path, run_tool: Run) -> None:
    write(tmp_path, {"odd\udcff.txt": b"needle \xff \\ \xe9\n"})
    ran = run_tool("repo.search", {"pattern": "needle"}, tmp_path)
    assert ran.result["matches"] == [
        {
            "path": "odd\\xff.txt",
            "line": 1,
            "text": "needle \\xff \\\\ \\xe9",
            "path_escaped": True,
            "text_escaped": True,
        }
    ]
    assert ran.stdout == b'"odd\\377.txt":1:needle \xff \\ \xe9\n'


def test_a_long_line_is_whole_in_the_output_and_cut_in_the_result(tmp_path: Path, run_tool: Run) -> None:
    write(tmp_path, {"a.txt": "needle" + "ü" * 100_000 + "\n"})
    ran = run_tool("repo.search", {"pattern": "needle"}, tmp_path)
    assert len(ran.stdout) == len("a.txt:1:needle\n") + 200_000
    (match,) = ran.result["matches"]
    assert match["text_truncated"]
    assert "text_escaped" not in match
    assert match["text"] == "needle" + "ü" * 997


def test_the_search_ends_when_there_is_one_match_too_many(tmp_path: Path, run_tool: Run) -> None:
    write(tmp_path, {"a.txt": "needle\n" * 5, "b.txt": "needle\n"})
    for limit, truncated in ((5, True), (6, False)):
        ran = run_tool("repo.search", {"pattern": "needle", "matches_max": limit}, tmp_path)
        assert ran.exit_code == 0
        assert ran.stdout.count(b"\n") == ran.result["matches_count"] == limit
        assert ran.result["truncated"] is truncated


def test_a_result_that_would_be_too_large_leaves_out_its_end_and_says_so(tmp_path: Path, run_tool: Run) -> None:
    write(tmp_path, {"a.txt": ("needle" + "x" * 1900 + "\n") * 5000})
    ran = run_tool("repo.search", {"pattern": "needle", "matches_max": 5000}, tmp_path)
    assert ran.result["matches_count"] == ran.stdout.count(b"\n") == 5000
    assert 0 < ran.result["matches_omitted"] == 5000 - len(ran.result["matches"])


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"pattern": ""},
        {"pattern": "a\0"},
        {"pattern": "a", "dialect": "basic"},
        {"pattern": "a", "paths": ["/etc"]},
        {"pattern": "a", "paths": ["a/../.."]},
        {"pattern": "a", "globs": ["../*"]},
        {"pattern": "a", "matches_max": 0},
        {"pattern": "a", "include_untracked": False, "include_ignored": True},
    ],
)
def test_an_input_that_makes_no_sense_is_refused(built_in: Run, document: dict[str, Any]) -> None:
    assert built_in("repo.search").input_violations(json.dumps(document).encode())


@pytest.mark.parametrize(("pattern", "dialect"), [("a(", "extended"), ("[", "extended"), ("(?<", "perl")])
def test_an_invalid_pattern_is_a_failure_with_gits_words(
    tmp_path: Path, git: Git, run_tool: Run, pattern: str, dialect: str
) -> None:
    git(tmp_path, "init", "-q")
    ran = run_tool("repo.search", {"pattern": pattern, "dialect": dialect}, tmp_path)
    assert (ran.exit_code, ran.failure[0]) == (1, "SEARCH.PATTERN_INVALID")
    assert pattern in ran.failure[1]


def test_a_path_that_leads_nowhere_is_a_failure(tmp_path: Path, run_tool: Run) -> None:
    ran = run_tool("repo.search", {"pattern": "x", "paths": ["no/such"]}, tmp_path)
    assert ran.failure == ("TOOL.FAILED", "There is no 'no/such' in the working directory. Correct `paths`.")


def test_a_machine_without_git_is_a_failure_with_its_remedy(tmp_path: Path, run_tool: Run) -> None:
    ran = run_tool("repo.search", {"pattern": "x"}, tmp_path, PATH="/nonexistent")
    assert ran.failure[0] == "TOOL.FAILED"
    assert "Install git" in ran.failure[1]


def test_the_inside_of_a_git_folder_is_no_place_to_search(tmp_path: Path, git: Git, run_tool: Run) -> None:
    git(tmp_path, "init", "-q")
    assert "working tree" in run_tool("repo.search", {"pattern": "x"}, tmp_path / ".git").failure[1]


def test_nothing_found_is_a_success(tmp_path: Path, run_tool: Run) -> None:
    ran = run_tool("repo.search", {"pattern": "x"}, tmp_path)
    assert (ran.exit_code, ran.stdout, ran.result["matches"]) == (0, b"", [])


def test_progress_says_how_many_matches_in_how_many_files(tmp_path: Path, run_tool: Run) -> None:
    write(tmp_path, {"a.txt": "needle\nneedle\n", "b.txt": "needle\n"})
    ran = run_tool("repo.search", {"pattern": "needle"}, tmp_path)
    progress = [message for message in ran.messages if message["type"] == "progress"]
    assert progress[-1] == {"type": "progress", "message": "matches in 2 files", "done": 3, "unit": "matches"}


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A folder in which git finds a match in the first file and then reads a file that nobody finishes writing."""
    write(tmp_path, {"a.txt": "needle\n"})
    # Long enough that a search is still under way when the test has looked: a pattern that backtracks.
    line = "ab" * 5_000 + "\n"
    write(tmp_path, {f"hay{number:03}.txt": line * 100 for number in range(60)})
    return tmp_path


SLOW_PATTERN = "needle|(a|b|ab)*c(a|b|ab)*d"


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_the_first_match_is_printed_while_git_is_at_work(endless: Path, start_tool: Run) -> None:
    with start_tool("repo.search", {"pattern": SLOW_PATTERN}, endless) as running:
        assert running.process.stdout.readline() == b"a.txt:1:needle\n"
        (git_pid,) = children(running.process.pid)
        assert Path(f"/proc/{git_pid}/comm").read_text() == "git\n"
    assert THREADS > 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_tool_ends_git_too(endless: Path, start_tool: Run, number: signal.Signals) -> None:
    with start_tool("repo.search", {"pattern": SLOW_PATTERN}, endless) as running:
        running.process.stdout.readline()
        (git_pid,) = children(running.process.pid)
        running.process.send_signal(number)
        ran = running.end()
    assert ran.exit_code == -number
    assert not Path(f"/proc/{git_pid}").exists()
    assert not any(message["type"] == "result" for message in ran.messages)


def test_without_a_channel_the_result_follows_the_matches(tmp_path: Path, built_in: Run) -> None:
    write(tmp_path, {"a.txt": "needle\n"})
    ran = subprocess.run(
        built_in("repo.search").argv(), cwd=tmp_path, input=b'{"pattern": "needle"}', capture_output=True, check=True
    )
    first, last = ran.stdout.splitlines()
    assert first == b"a.txt:1:needle"
    assert json.loads(last)["matches_count"] == 1


@pytest.mark.parametrize("untracked", [True, False])
def test_what_a_partial_clone_lacks_is_not_fetched(tmp_path: Path, git: Git, run_tool: Run, untracked: bool) -> None:
    origin, root = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    git(origin, "init", "-q")
    write(origin, {"a.txt": "needle\n", ".gitattributes": "*.c diff\n"})
    git(origin, "add", ".")
    git(origin, "commit", "-qm", "x")
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", "--no-local", f"file://{origin}", str(root))
    git(root, "read-tree", "HEAD")
    git(root, "update-index", "--assume-unchanged", "a.txt")
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    git(root, "config", "remote.origin.url", f"ext::{trap} %S")
    for name in ("protocol.allow", "protocol.ext.allow"):
        git(root, "config", name, "always")
    ran = run_tool("repo.search", {"pattern": "needle", "include_untracked": untracked}, root)
    assert (tmp_path / "sprung").exists() is False, ran.stderr
