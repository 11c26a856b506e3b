"""The result of `repo.search` is bounded and readable, whatever the lines hold."""

from pathlib import Path

from packages.domed.tests.tools.repo_search.conftest import Run, write


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


def test_nothing_found_is_a_success(tmp_path: Path, run_tool: Run) -> None:
    ran = run_tool("repo.search", {"pattern": "x"}, tmp_path)
    assert (ran.exit_code, ran.stdout, ran.result["matches"]) == (0, b"", [])


def test_progress_says_how_many_matches_in_how_many_files(tmp_path: Path, run_tool: Run) -> None:
    write(tmp_path, {"a.txt": "needle\nneedle\n", "b.txt": "needle\n"})
    ran = run_tool("repo.search", {"pattern": "needle"}, tmp_path)
    progress = [message for message in ran.messages if message["type"] == "progress"]
    assert progress[-1] == {"type": "progress", "message": "matches in 2 files", "done": 3, "unit": "matches"}
