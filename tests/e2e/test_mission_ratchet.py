"""A mission from its first text to where it lands, through real processes: from the main checkout and from a worktree.

Both tell the same story: the same decisions, events, board and artefacts. What differs by nature (ids, commits, places,
times) is replaced by the order in which it comes up; what a digest covers is replaced before it is digested again.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dome_contracts.canonical import canonical_bytes, digest
from tests.e2e.mission_home import (
    FILES,
    IMPLEMENTER,
    PERSON,
    REVIEWER,
    SLUG,
    Site,
    a_site,
    begin,
    submit_words,
    take,
)

_VARYING = re.compile(
    r"\b(?:mis|evt|repo|op|run|job)-[0-7][0-9a-hjkmnp-tv-z]{25}(?:-\d+)?\b|\b[0-9a-f]{40}\b"
    r"|\d{4}-\d\d-\d\dT[\d:.]+Z"
)
_CORE = ("intent", "governance_digest", "effector", "execution", "stream_version")


class Story:
    """What a run tells, with names that do not depend on it."""

    def __init__(self, site: Site, at: Path, other: Path) -> None:
        self.site, self.at, self.other = site, at, other
        self.decisions: list[Any] = []
        self.boards: list[Any] = []
        self.artefacts: list[Any] = []
        self._names: dict[str, str] = {}

    def plain(self, value: Any) -> Any:
        text = canonical_bytes(value).decode().replace(str(self.site.home.root), "/home")
        return _VARYING.sub(self._name, text)

    def _name(self, found: "re.Match[str]") -> str:
        text = found[0]
        if text[0].isdigit() and "T" in text:
            return "TIME"
        return self._names.setdefault(text, f"name-{len(self._names)}")

    def do(self, *words: str) -> dict[str, Any]:
        return self.site.done(*words, at=self.at)

    def next(self, acting: str) -> dict[str, Any]:
        """What comes next, the same from both directories; kept with its step."""
        words = ("mission", "next", SLUG, "--query", "--as", acting)
        found, there = self.do(*words), self.site.done(*words, at=self.other)
        assert found == there
        step = dict(found["decision"]["preview"])
        step.pop("artefact", None)
        self.decisions.append(self.plain(step))
        return step

    def told(self, package: str, acting: str) -> str:
        """The artefact, the same from both directories; kept with a digest of what it covers. Its witness."""
        found = self.site.artefact(package, acting, at=self.at)
        assert found == self.site.artefact(package, acting, at=self.other)
        assert found["digest"] == digest({name: found[name] for name in _CORE})
        covered = self.plain({name: found[name] for name in _CORE if name != "governance_digest"})
        self.artefacts.append((package, digest(covered), self.plain(found["allowed_operations"])))
        return f"{found['digest']}@{found['stream_version']}"

    def look(self) -> dict[str, Any]:
        found = self.do("board", SLUG)
        assert found == self.site.done("board", SLUG, at=self.other)
        self.boards.append(self.plain(found))
        return found

    def events(self) -> list[Any]:
        done = self.site.dome("mission", "export", SLUG, at=self.at)
        found = [each["event"] for each in done.documents() if "event" in each]
        keys = ("subject", "effector", "fact", "stream_version")
        digests = re.compile(r"sha256:[0-9a-f]{64}")
        return [digests.sub("DIGEST", self.plain({key: each[key] for key in keys})) for each in found]


def implement(story: Story, package: str, text: str) -> None:
    """Do the work of a package, and hand it in with its commit."""
    if package == "WP01":
        for subtask in ("T001", "T002"):
            story.do("mission", "subtask", SLUG, package, subtask, "done", "--as", IMPLEMENTER)
    story.site.write(package, text)
    story.do(*submit_words(package, story.told(package, IMPLEMENTER)))


def claim(story: Story, package: str, acting: str) -> None:
    story.do("mission", "claim", SLUG, package, "--witness", story.told(package, acting), "--as", acting)


def review(story: Story, package: str, verdict: str, *more: str) -> None:
    claim(story, package, REVIEWER)
    checked = ("--check", story.site.check(package)) if verdict == "approved" else ()
    words = ("--verdict", verdict, "--witness", story.told(package, REVIEWER), *checked, *more)
    story.do("mission", "review", SLUG, package, *words, "--as", REVIEWER)
    story.look()


def package_of(step: dict[str, Any]) -> tuple[str, str]:
    return step["action"], step["package"]["work_package_id"]


def tell(site: Site, choose: Callable[[Site], tuple[Path, Path]]) -> Story:
    """The whole mission, every command given in one directory."""
    begin(site)
    story = Story(site, *choose(site))
    assert package_of(story.next(IMPLEMENTER)) == ("implement", "WP01")
    claim(story, "WP01", IMPLEMENTER)
    story.do("mission", "move", SLUG, "WP01", "start", "--as", IMPLEMENTER)
    assert [each["work_package_id"] for each in _ready(story)] == ["WP03"]
    implement(story, "WP01", "first try\n")
    assert package_of(story.next(REVIEWER)) == ("review", "WP01")
    review(story, "WP01", "changes_requested", "--finding", "src/a.py:1: It does not parse")
    rework = site.dome("artefact", "show", SLUG, "WP01", "--as", IMPLEMENTER, at=story.at).out.decode()
    assert "[blocks] It does not parse (src/a.py:1)" in rework
    # Meanwhile the package that shares nothing goes its own way.
    claim(story, "WP03", IMPLEMENTER)
    story.do("mission", "move", SLUG, "WP03", "start", "--as", IMPLEMENTER)
    implement(story, "WP03", "done\n")
    assert package_of(story.next(IMPLEMENTER)) == ("implement", "WP01")
    implement(story, "WP01", "second try\n")
    review(story, "WP01", "approved")
    assert [each["work_package_id"] for each in _ready(story)] == ["WP02"]
    assert package_of(story.next(IMPLEMENTER)) == ("implement", "WP02")
    claim(story, "WP02", IMPLEMENTER)
    story.do("mission", "move", SLUG, "WP02", "start", "--as", IMPLEMENTER)
    implement(story, "WP02", "on top of it\n")
    for package in ("WP02", "WP03"):
        review(story, package, "approved")
    land(story)
    return story


def land(story: Story) -> None:
    """Judge the mission where both tracks meet, bring it home, and record it."""
    site = story.site
    assert story.next(PERSON)["action"] == "accept"
    for track in site.tracks:
        site.git("merge", "-q", "--no-ff", "-m", f"Merge {track}", f"missions/{SLUG}/{track}")
    shown = ("--met", "all", "--absent", "all", "--note", "Tried by hand")
    assert story.do("mission", "accept", SLUG, *shown, "--as", PERSON)["verdict"] == "accepted"
    assert story.next(PERSON)["action"] == "integrate"
    story.do("mission", "integrate", SLUG, "--as", PERSON)
    assert story.next(PERSON) == {"kind": "terminal", "outcome": "done"}
    assert story.look()["progress"]["lanes"] == {"done": 3}
    for path in FILES.values():
        assert (site.main / path).read_text() != "begun\n"


def _ready(story: Story) -> list[dict[str, Any]]:
    return story.site.dome("mission", "ready", SLUG, "--json", at=story.at).documents()


@pytest.mark.slow
def test_the_ratchet_tells_the_same_story_from_the_main_checkout_and_from_a_worktree() -> None:
    with a_site() as site:
        main = tell(site, lambda site: (site.main, site.tracks["track-02"]))
        main_events = main.events()
    with a_site() as site:
        side = tell(site, lambda site: (site.tracks["track-02"], site.main))
        side_events = side.events()
    assert main.decisions == side.decisions
    assert main.artefacts == side.artefacts
    assert main.boards == side.boards
    assert main_events == side_events


class Controls:
    """Gives commands that have to be refused, and looks whether one of them changed a byte of anything."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def __call__(self, *words: str, at: Path | None = None) -> dict[str, Any]:
        before = self.site.everything()
        error = self.site.refused(*words, at=at)
        assert self.site.everything() == before, words
        return error


@pytest.mark.slow
def test_each_wrong_step_is_refused_with_its_code_and_changes_nothing() -> None:
    with a_site() as site:
        begin(site)
        refuse = Controls(site)
        elsewhere = site.home.root / "elsewhere"
        elsewhere.mkdir()
        assert refuse("mission", "show", SLUG, at=elsewhere)["reason"] == "WRONG_DIRECTORY"
        stale = site.witness("WP01", IMPLEMENTER)
        site.done("mission", "note", SLUG, "--package", "WP01", "Something happened")
        claim_words = ("mission", "claim", SLUG, "WP01", "--as", IMPLEMENTER)
        assert refuse(*claim_words, "--witness", stale)["reason"] == "STALE_ARTEFACT"
        assert refuse(*claim_words)["reason"] == "STALE_ARTEFACT"
        take(site, "WP01")
        move = ("mission", "move", SLUG, "WP01", "submit", "--as", IMPLEMENTER)
        assert refuse(*move)["metadata"] == {"rule": "SUBTASKS_OPEN"}
        for subtask in ("T001", "T002"):
            site.done("mission", "subtask", SLUG, "WP01", subtask, "done", "--as", IMPLEMENTER)
        assert refuse(*move)["metadata"] == {"rule": "EVIDENCE_MISSING"}
        _refuse_commits(site, refuse)
        site.write("WP01", "done\n")
        site.done(*submit_words("WP01", site.witness("WP01", IMPLEMENTER)))
        own = "llm:agent-1,role=reviewer,profile=reviewer"
        words = ("mission", "claim", SLUG, "WP01", "--as", own, "--witness", site.witness("WP01", own))
        assert refuse(*words)["metadata"] == {"rule": "REVIEWER_NOT_INDEPENDENT"}
        assert refuse(*words[:-3], IMPLEMENTER)["reason"] == "NOT_PERMITTED"
        _refuse_strangers(refuse)
        told = site.witness("WP01", REVIEWER)
        site.done("mission", "claim", SLUG, "WP01", "--as", REVIEWER, "--witness", told)
        judge = ("mission", "review", SLUG, "WP01", "--verdict", "approved", "--as", REVIEWER, "--witness")
        assert refuse(*judge, told)["reason"] == "STALE_ARTEFACT"
        assert refuse(*judge, site.witness("WP01", REVIEWER))["metadata"] == {"rule": "CHECKS_OPEN"}
        assert site.done("mission", "show", SLUG, "WP01")["stands"]["lane"] == "in_review"


def _refuse_strangers(refuse: Controls) -> None:
    """A model without a profile, and one that does not hold the package."""
    stranger = ("--as", "llm:stranger")
    for words in (
        ("new", "other", "--goal", "X", "--require", "FR-001=X"),
        ("finalize", SLUG),
        ("next", SLUG),
        ("note", SLUG, "X"),
        ("subtask", SLUG, "WP01", "T001", "open"),
        ("acknowledge", SLUG, "WP01", "--reason", "X"),
    ):
        assert refuse("mission", *words, *stranger)["reason"] == "NOT_PERMITTED", words
    ticked = ("mission", "subtask", SLUG, "WP01", "T001", "open", "--as", REVIEWER)
    assert refuse(*ticked)["metadata"] == {"rule": "NOT_HOLDER"}


def _refuse_commits(site: Site, refuse: Controls) -> None:
    """Commits that do not fit where they would be made, and commits that do not fit as work."""
    tree = site.tracks["track-01"]
    before = site.git("rev-parse", f"missions/{SLUG}/track-01")
    path = site.write("WP01", "done\n")
    stale = site.witness("WP01", IMPLEMENTER)
    foreign = [each if each != FILES["WP01"] else FILES["WP03"] for each in submit_words("WP01", stale)]
    assert refuse(*foreign)["reason"] == "PATH_NOT_OWNED"
    # Somebody else commits there after the effector was told where it works.
    site.git("commit", "-q", "--allow-empty", "-m", "In between", at=tree)
    assert refuse(*submit_words("WP01", stale))["reason"] == "STALE_ARTEFACT"
    site.git("reset", "-q", "--soft", before, at=tree)
    # No tree has the branch of the track any more: a commit elsewhere would move another one.
    site.git("switch", "-q", "-c", "aside", at=tree)
    words = submit_words("WP01", site.witness("WP01", IMPLEMENTER))
    assert refuse(*words)["reason"] == "TARGET_MISMATCH"
    # What is committed there is not on the branch either, and what is on it may be of another package.
    site.git("commit", "-qam", "Aside", at=tree)
    handed_in = (*words[:-4], "--commits")
    assert refuse(*handed_in, f"{before}..aside")["reason"] == "COMMITS_ELSEWHERE"
    site.git("switch", "-q", f"missions/{SLUG}/track-01", at=tree)
    (tree / FILES["WP03"]).write_text("not mine\n")
    site.git("commit", "-qam", "Not mine", at=tree)
    assert refuse(*handed_in, f"{before}..missions/{SLUG}/track-01")["reason"] == "PATH_NOT_OWNED"
    site.git("reset", "-q", "--hard", before, at=tree)
    assert path.read_text() == "begun\n"
    assert site.git("rev-parse", f"missions/{SLUG}/track-01") == before


def test_a_cycle_is_shown_at_finalisation_and_nothing_is_fixed() -> None:
    with a_site() as site:
        site.done("charter", "init")
        site.done("mission", "new", SLUG, "--goal", "Parse dates", "--require", "FR-001=Dates are parsed")
        for name, waits in (("WP01", ["WP02"]), ("WP02", ["WP01"])):
            site.write_package(name, dependencies=waits)
        before = site.everything()
        error = site.refused("mission", "finalize", SLUG)
        assert error["reason"] == "FINALIZE_REFUSED"
        assert [each["description"] for each in error["violations"]] == [
            "DEPENDENCY_CYCLE: packages wait for each other: WP01 -> WP02 -> WP01"
        ]
        site.refused("mission", "finalize", SLUG, "--validate-only")
        assert site.everything() == before
