"""What an attempt changed, read from its evidence. What the evidence does not say is not known."""

import difflib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.schema.knowledge.evidence_capsule import ChangeSummary
from dome_spec.dispatch.job.change import change_of_commit, change_of_diffs, change_shown
from tests.judged import member

LINES = st.lists(st.sampled_from(["one", "two", "--- a/x", "+++ b/x", "@@ -1 +1 @@", "", " "]), max_size=12)


def a_diff(path: str, before: list[str], after: list[str]) -> bytes:
    lines = difflib.unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm="")
    return "".join(f"{line}\n" for line in lines).encode()


def counted(diffs: list[bytes]) -> tuple[list[str], int, int] | None:
    found = change_of_diffs(diffs)
    return None if found is None else (list(found.paths), found.lines_added, found.lines_deleted)


@given(LINES, LINES)
def test_as_many_lines_are_counted_as_were_added_and_deleted(before: list[str], after: list[str]) -> None:
    matched = difflib.SequenceMatcher(None, before, after, autojunk=True)
    same = sum(block.size for block in matched.get_matching_blocks())
    expected = (["src/a.py"] if before != after else [], len(after) - same, len(before) - same)
    assert counted([a_diff("src/a.py", before, after)]) == expected


def test_diffs_add_up_and_a_rename_changes_both_paths() -> None:
    renamed = b"diff --git a/old b/new\nsimilarity index 100%\nrename from old\nrename to new\n"
    hunk = b"--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n"
    made = b"diff --git a/n b/n\nnew file mode 100644\n" + hunk
    assert counted([renamed, made]) == (["n", "new", "old"], 1, 0)
    assert counted([b""]) == ([], 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        b"no diff at all\n",
        b"--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n-a\n",
        b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n*b\n",
        b"diff --git a/x b/x\nBinary files a/x and b/x differ\n",
        b'--- "a/odd\\n"\n+++ "b/odd\\n"\n',
        b"--- x\n+++ x\n",
        b"--- a/\xff\n+++ b/\xff\n",
    ],
)
def test_what_is_no_whole_diff_says_nothing(text: bytes) -> None:
    assert change_of_diffs([text]) is None


COMMITTED = {
    "paths": [{"path": "a", "change": "added"}, {"path": "b", "change": "unchanged"}],
    "stats": {"files": 1, "insertions": 3, "deletions": 2, "files_without_lines": 0},
}


def test_a_commit_says_what_it_changed() -> None:
    found = change_of_commit(json.dumps(COMMITTED).encode())
    assert found == ChangeSummary(paths=["a"], lines_added=3, lines_deleted=2)
    binary = COMMITTED | {"stats": {"insertions": 0, "deletions": 0, "files_without_lines": 1}}
    assert change_of_commit(json.dumps(binary).encode()) is None
    assert change_of_commit(b"{}") is None


def test_diffs_count_before_the_result_and_other_tools_results_say_nothing() -> None:
    diff, result = a_diff("x", [], ["y"]), json.dumps(COMMITTED).encode()
    members = [member("diff", diff), member("result", result)]
    known = {each.evidence.digest: text for each, text in zip(members, (diff, result), strict=True)}
    both = change_shown(members, "repo.commit", known.__getitem__)
    assert both is not None
    assert both.paths == ["x"]
    commit = change_shown(members[1:], "repo.commit", known.__getitem__)
    assert commit is not None
    assert commit.paths == ["a"]
    assert change_shown(members[1:], "other.tool", known.__getitem__) is None
