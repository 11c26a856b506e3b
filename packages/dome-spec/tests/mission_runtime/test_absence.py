"""What must not be is searched for in one commit, by the daemon, in bounded time; what is not known is never absent."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from dome_contracts.exit_codes import Exit
from dome_contracts.schema.missions.acceptance import InvariantState
from dome_contracts.schema.missions.mission import AbsenceSearch
from dome_spec.kernel import Runtime
from dome_spec.mission_runtime.absence import Place, Searched, SearchUnavailable, narrowed, searched
from dome_spec.mission_runtime.commit_job import Asking
from tests.searching_daemon import NOBODY, Answer, SearchingDaemon

PARENT = "job-01hy2y63cm7n59a7hdtrjvmwd0"


@pytest.fixture
def root(git: Any) -> Path:
    git.commit("one", {"src/a.py": "print(1)\n", "src/deep/b.py": "x = 1\n", "docs/a.md": "print\n"})
    root: Path = git.root
    return root


def at(root: Path, commit: str) -> Place:
    return Place(root=str(root), commit=commit, aside="missions/tried")


async def search(
    daemon: SearchingDaemon, root: Path, commit: str, *paths: str, query: str = "print", **more: Any
) -> Searched:
    value = {"skill_id": "repo.search", "query": query, "paths": list(paths) or ["src/**"], **more}
    asking = Asking(cast("Runtime", daemon), PARENT)
    return await searched(asking, AbsenceSearch.from_value(value), at(root, commit), patience_s=5)


async def test_what_is_there_is_found_and_kept_with_the_commit_that_was_searched(root: Path, git: Any) -> None:
    daemon, commit = SearchingDaemon(), git.run("rev-parse", "HEAD")
    found = await search(daemon, root, commit)
    assert (found.state, found.lines) == (InvariantState.STILL_PRESENT, ("src/a.py:1: print(1)",))
    kept = json.loads(found.evidence)
    assert (kept["revision"]["commit"], kept["matches_count"], kept["input"]["revision"]) == (commit, 1, commit)
    assert daemon.parents == [PARENT]


async def test_the_same_commit_gives_the_same_evidence_whatever_lies_in_the_tree(root: Path, git: Any) -> None:
    commit = git.run("rev-parse", "HEAD")
    before = await search(SearchingDaemon(), root, commit, query="needle")
    assert before.state is InvariantState.CONFIRMED_ABSENT
    git.write("src/c.py", "needle\n")
    git.commit("two")
    again = await search(SearchingDaemon(), root, commit, query="needle")
    assert (again.state, again.evidence) == (before.state, before.evidence)
    later = await search(SearchingDaemon(), root, git.run("rev-parse", "HEAD"), query="needle")
    assert later.state is InvariantState.STILL_PRESENT


async def test_only_files_that_the_patterns_match_count(root: Path, git: Any) -> None:
    commit = git.run("rev-parse", "HEAD")
    assert (await search(SearchingDaemon(), root, commit, "src/*.md")).state is InvariantState.CONFIRMED_ABSENT
    # A name without a folder is tried on every file by the tool, and on the root alone by the mission.
    assert (await search(SearchingDaemon(), root, commit, "a.py")).state is InvariantState.CONFIRMED_ABSENT
    assert (await search(SearchingDaemon(), root, commit, "docs/a.md")).lines == ("docs/a.md:1: print",)


async def test_the_texts_of_the_mission_that_name_what_must_not_be_do_not_count(root: Path, git: Any) -> None:
    git.write("missions/tried/mission.yaml", "query: needle\n")
    git.write("missions/other/mission.yaml", "nothing\n")
    git.commit("texts")
    found = await search(SearchingDaemon(), root, git.run("rev-parse", "HEAD"), "**", query="needle")
    assert found.state is InvariantState.CONFIRMED_ABSENT
    git.write("missions/other/mission.yaml", "needle\n")
    git.commit("more")
    found = await search(SearchingDaemon(), root, git.run("rev-parse", "HEAD"), "**", query="needle")
    assert found.lines == ("missions/other/mission.yaml:1: needle",)


@pytest.mark.parametrize("folder", ["src", "src/"])
async def test_a_folder_that_is_named_stands_for_what_it_holds(root: Path, git: Any, folder: str) -> None:
    found = await search(SearchingDaemon(), root, git.run("rev-parse", "HEAD"), folder)
    assert found.state is InvariantState.STILL_PRESENT


@pytest.mark.parametrize("query", [r"print\(\d", r"a\\\tb", r"\x41"])
async def test_an_escape_that_means_a_letter_is_no_query_for_what_was_meant(root: Path, git: Any, query: str) -> None:
    found = await search(SearchingDaemon(), root, git.run("rev-parse", "HEAD"), query=query)
    assert (found.state, "as the letter alone" in found.reason) == (InvariantState.VERIFICATION_FAILED, True)
    known = await search(SearchingDaemon(), root, git.run("rev-parse", "HEAD"), query=r"\bprint\(\w\)\\d?$|\\d")
    assert known.state is InvariantState.CONFIRMED_ABSENT


async def test_binary_files_are_looked_into_too(root: Path, git: Any) -> None:
    daemon = SearchingDaemon()
    await search(daemon, root, git.run("rev-parse", "HEAD"))
    assert daemon.asked[0]["include_binary"] is True


def test_patterns_that_the_tool_reads_otherwise_are_left_to_the_answer() -> None:
    assert narrowed(["src/**", "src/**", "a?.py"]) == ["src/**", "a?.py"]
    assert narrowed(["src/[a].py"]) == narrowed(["src/**", "src/**.py"]) == []
    assert narrowed([f"{each}/**" for each in range(33)]) == []


async def test_a_search_that_says_nothing_for_sure_is_not_taken_for_absence(root: Path, git: Any) -> None:
    commit = git.run("rev-parse", "HEAD")
    for daemon, why in (
        (SearchingDaemon(fails_with="SEARCH.PATTERN_INVALID"), "SEARCH.PATTERN_INVALID: a( is no pattern"),
        (SearchingDaemon(alters={"revision": {"commit": "0" * 40, "tree": "0" * 40}}), "something else"),
        (SearchingDaemon(alters={"revision": {}}), "something else"),
        (SearchingDaemon(alters={"truncated": True, "matches": []}), "narrow the query"),
        (SearchingDaemon(alters={"matches_omitted": 1, "matches": []}), "narrow the query"),
        (SearchingDaemon(refuses=Answer("INVALID_REQUEST")), "refused the search: INVALID_REQUEST"),
        (SearchingDaemon(refuses=Answer("JOB_NOT_FOUND")), "not known any more"),
    ):
        found = await search(daemon, root, commit)
        assert found.state is InvariantState.VERIFICATION_FAILED
        assert why in found.reason
        assert not found.evidence
    other = await search(SearchingDaemon(), root, commit, skill_id="my.search")
    assert (other.state, "my.search are not understood" in other.reason) == (InvariantState.VERIFICATION_FAILED, True)


async def test_a_match_is_known_even_where_not_all_were_looked_at(root: Path, git: Any) -> None:
    found = await search(SearchingDaemon(alters={"truncated": True}), root, git.run("rev-parse", "HEAD"))
    assert found.state is InvariantState.STILL_PRESENT


async def test_a_search_that_does_not_end_is_ended(root: Path, git: Any) -> None:
    daemon, commit = SearchingDaemon(is_slow=True), git.run("rev-parse", "HEAD")
    value = AbsenceSearch.from_value({"skill_id": "repo.search", "query": "x", "paths": ["**"]})
    found = await searched(Asking(cast("Runtime", daemon)), value, at(root, commit), patience_s=0.05)
    assert (found.state, "did not end" in found.reason) == (InvariantState.VERIFICATION_FAILED, True)
    assert daemon.canceled == [f"job-{1:026d}"]


@pytest.mark.parametrize("answer", [NOBODY, Answer("SHUTTING_DOWN"), Answer("LIMIT_EXCEEDED")])
async def test_without_a_daemon_the_refusal_says_how_to_start_one_or_do_without(
    root: Path, git: Any, answer: Answer
) -> None:
    with pytest.raises(SearchUnavailable) as refused:
        await search(SearchingDaemon(refuses=answer), root, git.run("rev-parse", "HEAD"))
    assert refused.value.exit_code == Exit.UNAVAILABLE
    assert all(each in refused.value.hint for each in ("dome service start", "--absent ID"))


async def test_what_is_no_answer_of_a_daemon_is_a_defect_and_raised_on(root: Path, git: Any) -> None:
    with pytest.raises(Answer, match="MADE_UP"):
        await search(SearchingDaemon(refuses=Answer("MADE_UP")), root, git.run("rev-parse", "HEAD"))
