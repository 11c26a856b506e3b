"""Missions among many processes: claims that race, readers that touch nothing, commits that are killed."""

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.dome_home import finish
from tests.e2e.dying_mission import DYING, MEANWHILE, POINTS
from tests.e2e.mission_home import FILES, IMPLEMENTER, PERSON, REVIEWER, SLUG, Site, a_site, begin, submit_words, take

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
DYING_MISSION = [sys.executable, "-m", "tests.e2e.dying_mission"]
CLAIMANTS = 16
TRACK = f"missions/{SLUG}/track-02"


@pytest.fixture
def site() -> Iterator[Site]:
    with a_site() as made:
        begin(made)
        yield made


def test_property_07_of_sixteen_processes_one_claims_a_package_and_the_others_are_told_who(site: Site) -> None:
    effectors = [f"llm:agent-{number},role=implementer,profile=implementer" for number in range(CLAIMANTS)]
    witnesses = [site.witness("WP01", each) for each in effectors]
    processes = [
        site.start("mission", "claim", SLUG, "WP01", "--as", each, "--witness", witness, "--json")
        for each, witness in zip(effectors, witnesses, strict=True)
    ]
    ends = [finish(each) for each in processes]
    (winner,) = [number for number, done in enumerate(ends) if done.code == 0]
    lost = [json.loads(done.err.splitlines()[-1])["error"] for done in ends if done.code != 0]
    assert len(lost) == CLAIMANTS - 1
    assert {each["reason"] for each in lost} == {"CLAIM_CONFLICT"}
    assert {each["metadata"]["holder"] for each in lost} == {f"llm:agent-{winner}"}
    history = site.done("mission", "show", SLUG, "WP01")["history"]
    assert [each["fact"]["kind"] for each in history] == ["package_seeded", "package_claimed"]


def test_property_11_reading_leaves_every_byte_and_time_as_it_was(site: Site) -> None:
    take(site, "WP01")
    before = site.everything()
    for words in (
        ("mission", "next", SLUG, "--query", "--as", IMPLEMENTER),
        ("board",),
        ("board", SLUG, "--json"),
        ("mission", "list"),
        ("mission", "show", SLUG),
        ("mission", "show", SLUG, "WP01"),
        ("mission", "ready"),
        ("mission", "attention"),
        ("mission", "export", SLUG),
        ("mission", "finalize", SLUG, "--validate-only"),
        ("artefact", "show", SLUG, "WP01", "--as", IMPLEMENTER),
        ("artefact", "show", SLUG),
        ("charter", "show"),
        ("charter", "check"),
    ):
        for at in (site.main, site.tracks["track-01"]):
            done = site.dome(*words, at=at)
            assert done.code == 0, done.err
            assert site.everything() == before, words


def in_progress(site: Site) -> tuple[str, str]:
    """A package whose work is written and not committed, beside something that its user has staged; tip and witness."""
    take(site, "WP03")
    tree = site.tracks["track-02"]
    site.write("WP03", "done\n")
    (tree / "staged.txt").write_text("staged\n")
    (tree / "src/a.py").write_text("half\n")
    site.git("add", "staged.txt", "src/a.py", at=tree)
    (tree / "src/a.py").write_text("the other half\n")
    return site.git("rev-parse", TRACK), site.witness("WP03", IMPLEMENTER)


def staging(site: Site) -> str:
    return site.git("ls-files", "--stage", "staged.txt", "src/a.py", at=site.tracks["track-02"])


@pytest.mark.parametrize("point", POINTS)
def test_property_26_killed_within_the_unit_a_package_and_its_branch_move_together_or_not_at_all(
    site: Site, point: str
) -> None:
    before, witness = in_progress(site)
    staged = staging(site)
    words = submit_words("WP03", witness)
    done = finish(site.start(*words, command=DYING_MISSION, more={"PYTHONPATH": str(ROOT), DYING: point}))
    assert done.code == -signal.SIGKILL
    # Until it is settled nothing else moves the package, and everybody sees why.
    assert site.refused(*words)["metadata"] == {"rule": "PACKAGE_PENDING"}
    (row,) = [each for each in site.done("board", SLUG)["packages"] if each["work_package_id"] == "WP03"]
    assert row["pending_operation"] is not None
    assert [each["reason"] for each in site.dome("mission", "attention", "--json").documents()] == ["pending"]
    settled = site.done("mission", "recover", SLUG)
    after = site.git("rev-parse", TRACK)
    lane = site.done("mission", "show", SLUG, "WP03")["stands"]["lane"]
    assert (settled["lane"], settled["operation_id"]) == (lane, row["pending_operation"])
    if point == "job.before":
        assert (settled["commit"], after, lane) == (None, before, "in_progress")
    else:
        assert (settled["commit"], lane) == (after, "for_review")
        assert site.git("rev-parse", f"{TRACK}~1") == before
        assert site.git("show", f"{TRACK}:{FILES['WP03']}") == "done"
    assert staging(site) == staged
    assert (site.tracks["track-02"] / "src/a.py").read_text() == "the other half\n"
    # What was given up is simply done again, and settling twice settles nothing.
    assert site.dome("mission", "recover").out == b"Nothing was under way.\n"
    if point == "job.before":
        site.done(*submit_words("WP03", site.witness("WP03", IMPLEMENTER)))
    evidence = site.done("mission", "show", SLUG, "WP03")["history"][-1]["fact"]["evidence"]
    assert evidence == {"kind": "commits", "base": before, "head": site.git("rev-parse", TRACK)}
    assert staging(site) == staged


def test_a_head_that_moves_just_then_stops_the_commit_and_the_package_stays(site: Site) -> None:
    before, witness = in_progress(site)
    staged = staging(site)
    tree = site.tracks["track-02"]
    empty = site.git("commit-tree", "-p", before, "-m", "In between", f"{before}^{{tree}}")
    moment = {
        "PYTHONPATH": str(ROOT),
        DYING: "job.before",
        MEANWHILE: f"git -C {tree} update-ref refs/heads/{TRACK} {empty}",
    }
    done = finish(site.start(*submit_words("WP03", witness), "--json", command=DYING_MISSION, more=moment))
    error = json.loads(done.err.splitlines()[-1])["error"]
    assert (error["reason"], "COMMIT.HEAD_MOVED" in error["message"]) == ("COMMIT_REFUSED", True)
    shown = site.done("mission", "show", SLUG, "WP03")
    assert shown["stands"]["lane"] == "in_progress"
    assert shown["stands"]["pending_operation"] is None
    assert shown["history"][-1]["fact"]["cause_of_abort"] == "reference_moved"
    assert site.git("rev-parse", f"{TRACK}~1") == before
    assert staging(site) == staged


def test_agents_reach_missions_through_a_daemon_that_runs_one_job_at_a_time(site: Site) -> None:
    site.home.configure("[jobs]\nparallel_max = 1\n")
    site.done("mission", "install")
    for tool in site.dome("tools", "mission", "--json").documents():
        trusted = site.dome("tools", "trust", tool["tool_id"], "--digest", tool["tool_digest"], "--yes")
        assert trusted.code == 0, trusted.err

    def run(tool: str, **given: object) -> Any:
        path = site.home.root / "input.json"
        path.write_text(json.dumps({"mission": SLUG, **given}))
        outcome = site.dome("run", tool, "--json", "--input", str(path)).documents()[-1]["finished"]["outcome"]
        return outcome["result"] if "result" in outcome else outcome["message"]

    coming = run("mission.next", effector=IMPLEMENTER)
    assert coming["answer"]["decision"]["preview"]["package"]["work_package_id"] == "WP01"
    assert coming["artefact"]["digest"] in coming["witness"]
    acting = {"package": "WP01", "effector": IMPLEMENTER}
    stale = run("mission.claim", **acting, witness=f"sha256:{'0' * 64}@1")
    assert stale.startswith("STALE_ARTEFACT: ")
    run("mission.claim", **acting, witness=coming["witness"])
    run("mission.move", **acting, operation="start")
    for subtask in ("T001", "T002"):
        run("mission.subtask", **acting, subtask=subtask, state="done")
    site.write("WP01", "done\n")
    witness = run("mission.next", effector=IMPLEMENTER)["witness"]
    given = {**acting, "witness": witness, "operation": "submit", "commit": "Do it", "path": [FILES["WP01"]]}
    moved = run("mission.move", **given)
    assert isinstance(moved, dict), moved
    assert moved["answer"]["lane"] == "for_review"
    # The commit is a job of the tool that waits for it: it sits where that one sits.
    newest = {each["skill_id"]: each for each in reversed(site.dome("jobs", "--json").documents())}
    assert newest["repo.commit"]["correlation"]["parent_job_id"] == newest["mission.move"]["job_id"]
    claimed = run("mission.next", effector=REVIEWER)
    acting = {"package": "WP01", "effector": REVIEWER}
    run("mission.claim", **acting, witness=claimed["witness"])
    found = {"verdict": "changes_requested", "finding": ["src/a.py:1: It is wrong"]}
    assert run("mission.review", **acting, **found, witness=claimed["witness"]).startswith("STALE_ARTEFACT: ")
    reviewed = run("mission.review", **acting, **found, witness=run("mission.next", effector=REVIEWER)["witness"])
    assert reviewed["answer"]["review"]["findings"][0]["line"] == 1
    assert site.done("mission", "next", SLUG, "--query", "--as", PERSON)["decision"]["preview"]["action"] == "implement"


def test_what_must_not_be_is_searched_for_by_the_daemon_in_the_commit_that_is_judged(site: Site) -> None:
    search = {"skill_id": "repo.search", "query": "secret", "paths": ["src/**"]}
    text = {
        "title": "C",
        "type": "small-change",
        "purpose": {"summary": "Change C"},
        "requirements": [{"id": "FR-001", "priority": "must", "text": "It is changed"}],
        "negative_invariants": [{"id": "NI-001", "text": "No secret", "search": search}],
    }
    folder = site.main / "missions/small"
    (folder / "packages").mkdir(parents=True)
    # Every JSON document is YAML.
    (folder / "mission.yaml").write_text(json.dumps(text))
    fields = {"title": "C", "requirements": ["FR-001"], "owned_files": ["src/c.py"]}
    (folder / "packages/WP01.md").write_text(f"---\n{json.dumps(fields)}\n---\n\nChange it.\n")
    site.done("mission", "new", "small", "--as", PERSON)
    site.done("mission", "finalize", "small", "--as", PERSON)
    before = site.git("rev-parse", "HEAD")
    (site.main / "src/c.py").write_text("secret = 1\n")
    site.git("commit", "-qam", "C")

    def witness(acting: str) -> str:
        shown = site.done("artefact", "show", "small", "WP01", "--as", acting)
        return f"{shown['digest']}@{shown['stream_version']}"

    def do(verb: str, acting: str, *words: str) -> None:
        site.done("mission", verb, "small", "WP01", *words, "--as", acting)

    do("claim", IMPLEMENTER, "--witness", witness(IMPLEMENTER), "--branch", "main")
    do("move", IMPLEMENTER, "start")
    do("move", IMPLEMENTER, "submit", "--witness", witness(IMPLEMENTER), "--commits", f"{before}..HEAD")
    do("claim", REVIEWER, "--witness", witness(REVIEWER))
    do("review", REVIEWER, "--witness", witness(REVIEWER), "--verdict", "approved")
    # What lies in the working tree says nothing of the commit, and neither does where the command is given.
    (site.main / "src/c.py").write_text("clean = 1\n")
    words = ("mission", "accept", "small", "--met", "all", "--note", "Tried", "--as", PERSON, "--json")
    ends = [site.dome(*words, at=at) for at in (site.main, site.tracks["track-01"])]
    assert [done.code for done in ends] == [1, 1]
    findings = [done.documents()[-1]["negative_invariants"][0] for done in ends]
    assert [each["state"] for each in findings] == ["still_present"] * 2
    assert findings[0]["verification"]["evidence"] == findings[1]["verification"]["evidence"]
    site.git("commit", "-qam", "Cleaned")
    done = site.dome(*words)
    assert (done.code, done.documents()[-1]["verdict"]) == (0, "accepted")
