"""The first half of the demonstration: a failure is seen, mended, learnt from, prescribed for, and unlearnt."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ci.demo_loop import ledger
from ci.demo_loop.person import Answer, Document, Person, lines, skill, tasks
from ci.demo_loop.telling import chapter, claim, tell

GOAL = ("--goal", "Interest is rounded half to even.", "--allow", "src/**")


@dataclass(slots=True)
class Learning:
    """What the person does in the ledger's repository, and the runs that came of it."""

    person: Person
    runs: dict[str, str] = field(default_factory=dict)
    """The id of each run, by what it showed."""

    def tell(self) -> None:
        """All of it. Raises ClaimFalse."""
        self._see_it_fail()
        self._be_refused()
        self._mend_it()
        self._repeat_it()
        self._check_the_tool()
        if self._is_held():
            self._prescribe()
            self._hear_people()
        self._contradict()
        self._deny()

    def _see_it_fail(self) -> None:
        chapter("A test fails, and nobody has looked yet")
        plan = self._plan()
        claim(
            "the first plan knows of nothing to mend: it only looks",
            holds=not any(task["layer"] == "transform" for task in plan["tasks"].values()),
            found=lines(plan),
        )
        ended = self._run(plan, "failed", codes=(1,))
        observed = sorted(set(_codes(ended)))
        claim("the daemon ran pytest, and it failed", holds=observed == ["NONE", "TESTS.FAILED"], found=observed)
        claim("the failure is a fact of the memory", holds=self._known() == {"TESTS.FAILED"}, found=self._known())
        capsules = self._capsules()
        seen = [each["sighting_count"] for each in capsules]
        claim("a capsule was minted of it, and nothing supports it yet", holds=seen == [1], found=capsules)

    def _be_refused(self) -> None:
        chapter("The next plan knows the failure; a tool that nobody has approved is refused")
        plan = self._plan()
        answers = [skill(task) for _, task in tasks(plan) if task["layer"] == "transform"]
        tell(f"The team answers a failing test with {answers[0]}; if that was not it, with {answers[1]}.")
        claim("the same goal has another plan now", holds=answers == ["process.run", ledger.TOOL], found=lines(plan))
        claim("the prior is shown, as advice", holds=_uses(plan) == {"advisory"}, found=plan["priors"])
        self._run(plan, "refused", codes=(1,))
        denials = self.person.types("memory", "views", "guard-denials", "--json").documents
        codes = [(each["policy_reason_code"], each["failure_reason_code"]) for each in denials]
        is_split = codes == [("GUARD.DENIED", "NONE")]
        claim("the refusal set the policy reason, and the policy reason alone", holds=is_split, found=denials)

    def _mend_it(self) -> None:
        chapter("The person approves the tool; the plan mends the test")
        tools = {each["tool_id"]: each for each in self.person.asks("tools", "--json").documents}
        digest = tools[ledger.TOOL]["tool_digest"]
        self.person.types("tools", "trust", ledger.TOOL, "--digest", digest, "--yes")
        plan = self._plan()
        ended = self._run(plan, "mended")
        claim(
            "building the table anew was tried first, in vain", holds=_ran(ended, plan, "process.run"), found=ended.out
        )
        claim("then the correction, and its proof held", holds=_ran(ended, plan, ledger.TOOL), found=ended.out)
        text = (self.person.directory / "src/interest.py").read_text()
        claim("the rule is right now", holds=ledger.RIGHT in text, found=text)
        claim("the memory has one success of it", holds=self._remedy()["support_count"] == 1, found=self._remedy())

    def _repeat_it(self) -> None:
        chapter("The same failure comes back; what was learnt is advice, until enough speaks for it")
        for number in range(2, ledger.SUPPORTS_MIN + 1):
            ledger.break_rule(self.person.directory)
            plan = self._plan()
            reasons = self._reasons(plan)
            claim(f"success {number - 1}: advisory, as {', '.join(sorted(reasons))}", holds="support_low" in reasons)
            first = next(skill(task) for _, task in tasks(plan) if task["layer"] == "transform")
            claim("advice orders the answers: what held before comes first", holds=first == ledger.TOOL, found=first)
            self._run(plan, f"supported-{number}")
        ledger.break_rule(self.person.directory)
        reasons = self._reasons(self._plan())
        claim("now only the tool itself is in doubt", holds=reasons == {"tool_nonconforming"}, found=reasons)

    def _check_the_tool(self) -> None:
        chapter("The tool is held to its standard")
        checked = self.person.types("standard", "check", ledger.TOOL, "--directory", ".")
        for line in checked.out.splitlines()[:8]:
            tell(f"  {line}")
        if self._is_held():
            return
        tell("`dome doctor` says that this machine does not hold tools to their effects, so nobody could check these.")
        ledger.break_rule(self.person.directory)
        reasons = self._reasons(self._plan())
        claim("what nobody could check is not known to conform: the remedy stays advice, and is never prescribed here",
              holds=reasons == {"tool_nonconforming"}, found=reasons)  # fmt: skip

    def _is_held(self) -> bool:
        """Whether the kernel of this machine holds tools to the effects that they declare."""
        found = self.person.asks("doctor", "--json", codes=(0, 1)).documents
        return any(each.get("check") == "effects" and each["verdict"] == "ok" for each in found)

    def _prescribe(self) -> None:
        chapter("The tool conforms, and the remedy is prescribed")
        ledger.break_rule(self.person.directory)
        plan = self._plan()
        prior = self._prior(plan)
        claim("the prior is prescriptive", holds=prior["use"] == "prescriptive", found=prior)
        claim("its remedy is placed first", holds=prior["effect"] == "placed_first", found=prior)
        remedy = plan["tasks"][prior["task_id"]]
        claim("one attempt, then the ordinary plan", holds=remedy["attempts_max"] == 1, found=remedy)
        ended = self._run(plan, "prescribed")
        fixes = [each for each in _attempted(ended) if plan["tasks"][each]["layer"] == "transform"]
        claim("it held: no other answer was tried", holds=fixes == [prior["task_id"]], found=fixes)

    def _hear_people(self) -> None:
        chapter("What people remember counts by its layer: lower ones advise, a policy may grant")
        ledger.break_rule(self.person.directory)
        ledger.remember(self.person.directory)
        plan = self._plan()
        is_held = self._prior(plan)["use"] == "advisory" and self._reasons(plan) == {"policy_incompatible"}
        claim(
            "the repository would not have the remedy placed first: it is advice", holds=is_held, found=plan["priors"]
        )
        ledger.lay_down(Path(self.person.environ["XDG_CONFIG_HOME"]))
        prior = self._prior(self._plan())
        claim("a policy grants it: it is placed first again", holds=prior["effect"] == "placed_first", found=prior)

    def _contradict(self) -> None:
        chapter("The same test fails for another reason: the remedy does not hold, and is taken back")
        (self.person.directory / "src/interest.py").write_text(
            ledger.FILES["src/interest.py"].replace(ledger.WRONG, ledger.RIGHT)
        )
        ledger.break_table(self.person.directory)
        plan = self._plan()
        first = next(skill(task) for _, task in tasks(plan) if task["layer"] == "transform")
        claim("the plan cannot know that: the remedy is first", holds=first == ledger.TOOL, found=lines(plan))
        ended = self._run(plan, "contradicted")
        claim("after one attempt in vain the ordinary plan mended it", holds=_ran(ended, plan, "process.run"),
              found=ended.out)  # fmt: skip
        counts = self._remedy()
        claim("the capsule counts the contradiction", holds=counts["contradiction_count"] == 1, found=counts)
        plan = self._plan()
        claim("from here on it is advice again", holds="contradicted" in self._reasons(plan), found=plan["priors"])
        tell(f"Its standing now: {', '.join(sorted(self._reasons(plan)))}.")
        self.person.asks("memory", "verify")
        claim("a recount of the whole memory finds nothing else", holds=True)

    def _deny(self) -> None:
        chapter("A guard of one run denies: nothing is executed, and no failure is told of it")
        overlay = self.person.directory.parent / "only-people.json"
        ledger.only_people(overlay)
        plan, before, jobs = self._plan(), self._standings(), self._jobs()
        failures = self.person.asks("memory", "views", "recent-failures", "--json").out
        ended = self._run(plan, "denied", "--overlay", str(overlay), codes=(67,))
        claim("nothing was executed: the daemon has no job more", holds=self._jobs() == jobs, found=self._jobs() - jobs)
        codes = {_reasons_of(entry) for entry in _entries(ended).values() if entry["attempts"]}
        is_alone = codes == {("DENIED", "NONE", "GUARD.DENIED")}
        claim("the policy reason is set, and it alone", holds=is_alone, found=codes)
        again = self.person.asks("memory", "views", "recent-failures", "--json").out
        claim("the view of failures is what it was, byte for byte", holds=again == failures, found=again)
        after = self._standings()
        kept = {name: after.get(name) for name in before}
        claim("no capsule has another failure, another support or another contradiction", holds=kept == before,
              found=kept)  # fmt: skip
        for line in self.person.types("gate", "explain", self.runs["denied"]).out.splitlines():
            if "only.people" in line or "books" in line:
                tell(line)
                break

    def _standings(self) -> dict[str, tuple[str, int, int]]:
        """Of each capsule, the failure that it is of, and what speaks for and against it."""
        return {
            str(each["capsule_id"]): (
                each["key"]["task"]["failure_reason_code"],
                each["support_count"],
                each["contradiction_count"],
            )
            for each in self._capsules()
        }

    def _jobs(self) -> set[str]:
        return {str(each["job_id"]) for each in self.person.asks("jobs", "--json", "--limit", "1000").documents}

    def _plan(self) -> Document:
        """The plan for the goal as it is made now; kept in a file beside the repository."""
        made = self.person.types("plan", "new", *GOAL, "--json").document
        (self.person.directory.parent / "plan.json").write_text(json.dumps(made))
        return made

    def _run(self, plan: Document, name: str, *more: str, codes: tuple[int, ...] = (0,)) -> Answer:
        """Carry the plan out."""
        path = str(self.person.directory.parent / "plan.json")
        ended = self.person.types("plan", "run", path, "--run-id", f"run-{name}", "--json", *more, codes=codes)
        self.runs[name] = f"run-{name}"
        count = len(_attempted(ended))
        tell(f"{count} of {len(plan['tasks'])} tasks were tried: {'; '.join(_story(ended, plan))}.")
        return ended

    def _known(self) -> set[str]:
        rows = self.person.asks("memory", "views", "recent-failures", "--json").documents
        return {str(each["failure_reason_code"]) for each in rows}

    def _capsules(self) -> list[Document]:
        return self.person.asks("memory", "capsules", "--json").documents

    def _remedy(self) -> Document:
        """The capsule of the correction."""
        held = [each for each in self._capsules() if each.get("remedy", {}).get("skill_id") == ledger.TOOL]
        return held[0] if held else {}

    def _prior(self, plan: Document) -> Mapping[str, Any]:
        """The prior of the correction, as the plan has it."""
        name = self._remedy().get("capsule_id")
        return next((each for each in plan["priors"] if each["capsule_id"] == name), {})

    def _reasons(self, plan: Document) -> set[str]:
        """What speaks against prescribing the correction."""
        return {str(each["code"]) for each in self._prior(plan).get("reasons", ())}


def _uses(plan: Document) -> set[str]:
    return {str(each["use"]) for each in plan["priors"]}


def _entries(ended: Answer) -> Mapping[str, Any]:
    entries: Mapping[str, Any] = ended.document["queue"]["entries"]
    return entries


def _attempted(ended: Answer) -> list[str]:
    return [task_id for task_id, entry in _entries(ended).items() if entry["attempts"]]


def _codes(ended: Answer) -> list[str]:
    return [_entries(ended)[each]["attempts"][-1]["outcome"]["failure_reason_code"] for each in _attempted(ended)]


def _reasons_of(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    outcome = entry["attempts"][-1]["outcome"]
    return outcome["status"], outcome["failure_reason_code"], outcome["policy_reason_code"]


def _ran(ended: Answer, plan: Document, skill_id: str) -> bool:
    """Whether an answer with this skill was executed."""
    return any(
        skill(plan["tasks"][each]) == skill_id and plan["tasks"][each]["layer"] == "transform"
        for each in _attempted(ended)
    )


def _story(ended: Answer, plan: Document) -> list[str]:
    entries = _entries(ended)
    found = []
    for task_id, task in tasks(plan):
        if attempts := entries[task_id]["attempts"]:
            outcome = attempts[-1]["outcome"]
            codes = [outcome[name] for name in ("failure_reason_code", "policy_reason_code") if outcome[name] != "NONE"]
            found.append(f"{task['layer']} by {skill(task)} {codes[0] if codes else 'well'}")
    return found
