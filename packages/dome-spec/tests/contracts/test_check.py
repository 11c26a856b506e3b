"""Families are paired, compared in the direction that they ask for, and judged by what they promise."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from dome_spec.contracts.check import Options, Report, check
from dome_spec.contracts.compatibility import Comparison, Direction, SchemaFault, SchemaRefused, Verdict
from dome_spec.contracts.pairing import contents, is_library, pairs
from dome_spec.contracts.policy import Level, Need, Terms, Tier, direction, level, need, terms
from dome_spec.contracts.sources import SchemaSet


@dataclass
class FakeJudge:
    """Gives the verdict that it was made with, and remembers what it was asked."""

    verdict: Verdict = Verdict.COMPATIBLE
    asked: list[tuple[Any, Any, Direction]] = field(default_factory=list)

    def parse(self, document: Any, resources: Mapping[str, Any]) -> Any:
        if isinstance(document, dict) and "refused" in document:
            raise SchemaRefused(SchemaFault.MALFORMED, "/refused", what="It is refused.", remedy="Mend it.")
        return document

    def compare(self, old: Any, new: Any, direction: Direction) -> Comparison:
        self.asked.append((old, new, direction))
        return Comparison(verdict=self.verdict, direction=direction)


def schemas(set_name: Any = "set", **documents: Any) -> SchemaSet:
    found = {f"{path}.json": document for path, document in documents.items()}
    return SchemaSet(set_name, set_name, found, {path: json.dumps(each).encode() for path, each in found.items()})


def judged(old: SchemaSet, new: SchemaSet, judge: FakeJudge | None = None, asked: Direction | None = None) -> Report:
    return check([old], new, Options(direction=asked, judge=judge or FakeJudge()))


def kinds(report: Report) -> dict[str, str]:
    return {each.family: each.kind for each in report.changes}


def schema(tier: Any = "", intent: Any = "", **rest: Any) -> dict[str, Any]:
    said = {"x-dome-tier": tier, "x-dome-intent": intent}
    return {**{key: value for key, value in said.items() if value}, "type": "object", **rest}


def test_families_are_added_removed_changed_and_unchanged() -> None:
    old = schemas(a=schema(), b=schema(), c=schema())
    new = schemas(a=schema(), b=schema(minProperties=1), d=schema(maxProperties=3))
    report = judged(old, new)
    assert kinds(report) == {"a.json": "unchanged", "b.json": "changed", "c.json": "removed", "d.json": "added"}
    assert report.level is Level.RED


def test_a_schema_that_moved_is_found_by_its_id() -> None:
    old, new = schemas(a=schema(**{"$id": "https://x/a"})), schemas(b=schema(**{"$id": "https://x/a#"}))
    assert kinds(judged(old, new)) == {"b.json": "changed"}
    assert judged(old, new).level is Level.GREEN


@pytest.mark.parametrize(("tier", "expected"), [("stable", Level.RED), ("", Level.RED), ("internal", Level.WARNING)])
def test_another_id_is_a_lost_name(tier: str, expected: Level) -> None:
    old = schemas(a=schema(tier, **{"$id": "https://x/a"}))
    for new in (schemas(a=schema(tier, **{"$id": "https://x/b"})), schemas(b=schema(tier, **{"$id": "https://x/b"}))):
        report = judged(old, new)
        assert [each.renamed for each in report.changes] == [("https://x/a", "https://x/b")]
        assert report.level is expected


def test_copies_with_one_id_are_told_apart_by_their_path() -> None:
    both = {"one/a": schema(**{"$id": "https://x/a"}), "two/a": schema(**{"$id": "https://x/a"})}
    changed = {**both, "two/a": schema(**{"$id": "https://x/a", "minProperties": 1})}
    assert kinds(judged(schemas(**both), schemas(**changed))) == {"one/a.json": "unchanged", "two/a.json": "changed"}


def test_two_named_files_are_compared_whatever_they_are_called() -> None:
    old = SchemaSet("a", "a", {"old.json": schema()}, is_single=True)
    new = SchemaSet("b", "b", {"new.json": schema(minProperties=1)}, is_single=True)
    judge = FakeJudge()
    judged(old, new, judge)
    assert len(judge.asked) == 1


@pytest.mark.parametrize(
    ("tier", "intent", "expected"),
    [
        ("stable", "resource_spec", Direction.BACKWARD), ("stable", "job_invocation", Direction.BACKWARD),
        ("stable", "status", Direction.BOTH), ("experimental", "event_log", Direction.BOTH),
        ("experimental", "error", Direction.BOTH), ("internal", "event_log", Direction.BACKWARD),
        ("", "", Direction.BACKWARD), ("stable", "unheard_of", Direction.BACKWARD),
    ],
)  # fmt: skip
def test_tier_and_intent_say_who_must_read_whom(tier: str, intent: str, expected: Direction) -> None:
    judge = FakeJudge()
    judged(schemas(a=schema(tier, intent)), schemas(a=schema(tier, intent, minProperties=1)), judge)
    assert [asked for _, _, asked in judge.asked] == [expected] == [direction(terms(schema(tier, intent)))]


def test_a_direction_that_is_asked_for_overrules() -> None:
    judge = FakeJudge()
    judged(schemas(a=schema()), schemas(a=schema(minProperties=1)), judge, Direction.FORWARD)
    assert judge.asked[0][2] is Direction.FORWARD


@pytest.mark.parametrize(
    ("tier", "verdict", "expected"),
    [
        *((tier, verdict, Level.RED) for tier in ("stable", "experimental", "")
          for verdict in (Verdict.INCOMPATIBLE, Verdict.UNDECIDED, Verdict.MEANING_CHANGED)),
        ("internal", Verdict.INCOMPATIBLE, Level.RED), ("internal", Verdict.UNDECIDED, Level.WARNING),
        ("internal", Verdict.MEANING_CHANGED, Level.WARNING),
        *((tier, Verdict.COMPATIBLE, Level.GREEN) for tier in ("stable", "experimental", "internal", "")),
    ],
)  # fmt: skip
def test_what_is_red_depends_on_the_promise(tier: str, verdict: Verdict, expected: Level) -> None:
    report = judged(schemas(a=schema(tier)), schemas(a=schema(tier, minProperties=1)), FakeJudge(verdict))
    assert report.level is expected is level(Terms(Tier(tier)), verdict)


def test_a_promise_cannot_be_lowered_in_the_change_that_breaks_it() -> None:
    old, new = schemas(a=schema("stable")), schemas(a=schema("internal", minProperties=1))
    assert judged(old, new, FakeJudge(Verdict.UNDECIDED)).level is Level.RED


@pytest.mark.parametrize(
    ("tier", "found", "expected"),
    [
        (Tier.STABLE, Level.RED, Need.ADR), (Tier.STABLE, Level.GREEN, Need.NOTE),
        (Tier.EXPERIMENTAL, Level.RED, Need.NOTE),
        (Tier.EXPERIMENTAL, Level.GREEN, Need.NOTE), (Tier.INTERNAL, Level.RED, Need.NOTHING),
        (Tier.FOREIGN, Level.RED, Need.NOTE),
    ],
)  # fmt: skip
def test_what_a_blessing_asks_for_depends_on_the_promise(tier: Tier, found: Level, expected: Need) -> None:
    assert need(Terms(tier), found) is expected


@pytest.mark.parametrize("side", ["old", "new"])
def test_a_refused_schema_makes_no_verdict(side: str) -> None:
    good, bad = schemas(a=schema()), schemas(a=schema(refused=True))
    report = judged(*((bad, good) if side == "old" else (good, bad)))
    (change,) = report.changes
    assert change.refusal is not None
    assert (change.refusal.side, report.level) == (side, Level.INVALID)


def test_an_added_schema_that_is_refused_is_told() -> None:
    assert judged(schemas(), schemas(a=schema(refused=True))).level is Level.INVALID


def test_every_earlier_form_counts_and_equal_ones_once() -> None:
    first, second = schemas("first", a=schema(minProperties=3)), schemas("second", a=schema(minProperties=2))
    judge = FakeJudge()
    report = check([second, first, second], schemas(a=schema(minProperties=1)), Options(judge=judge))
    assert [each.against.name for each in report.changes] == ["second", "first"]
    assert len(judge.asked) == 2


def test_a_family_that_an_earlier_release_had_is_still_missed() -> None:
    report = check([schemas("last"), schemas("release", a=schema())], schemas(), Options(judge=FakeJudge()))
    assert kinds(report) == {"a.json": "removed"}


LIBRARY = {"$id": "https://x/lib.json", "$defs": {"S": {"type": "string"}, "N": {"type": "number"}}}
TIGHTER = {"$id": "https://x/lib.json", "$defs": {"S": {"type": "string", "minLength": 1}, "N": {"type": "number"}}}


def test_a_library_is_judged_in_the_families_that_use_it() -> None:
    user = schema(**{"$id": "https://x/a.json", "items": {"$ref": "lib.json#/$defs/S"}})
    other = schema(**{"$id": "https://x/b.json", "items": {"$ref": "lib.json#/$defs/N"}})
    old, new = schemas(lib=LIBRARY, a=user, b=other), schemas(lib=TIGHTER, a=user, b=other)
    judge = FakeJudge(Verdict.INCOMPATIBLE)
    assert kinds(judged(old, new, judge)) == {"a.json": "changed", "b.json": "unchanged", "lib.json": "shared"}
    assert len(judge.asked) == 1


def test_a_definition_that_nobody_here_uses_is_judged_by_itself() -> None:
    judge = FakeJudge(Verdict.INCOMPATIBLE)
    report = judged(schemas(lib=LIBRARY), schemas(lib=TIGHTER), judge)
    assert kinds(report) == {
        "lib.json": "shared", "lib.json#/$defs/N": "unchanged", "lib.json#/$defs/S": "changed",
    }  # fmt: skip
    assert report.level is Level.RED
    assert [old["allOf"] for old, _, _ in judge.asked] == [[{"$ref": "#/$defs/S"}]]
    gone = schemas(lib={**LIBRARY, "$defs": {"S": {"type": "string"}}})
    assert kinds(judged(schemas(lib=LIBRARY), gone))["lib.json#/$defs/N"] == "removed"


def test_a_used_library_is_still_judged_for_what_is_not_used() -> None:
    user = schema(**{"$id": "https://x/a.json", "items": {"$ref": "lib.json#/$defs/N"}})
    found = judged(schemas(lib=LIBRARY, a=user), schemas(lib=TIGHTER, a=user), FakeJudge(Verdict.INCOMPATIBLE))
    assert kinds(found) == {"a.json": "unchanged", "lib.json": "shared", "lib.json#/$defs/S": "changed"}
    assert found.level is Level.RED


@pytest.mark.parametrize(
    ("document", "expected"),
    [(LIBRARY, True), ({"$defs": {}}, False), ({**LIBRARY, "type": "object"}, False), (True, False),
     ({"definitions": {"a": {}}, "title": "t"}, True)],
)  # fmt: skip
def test_a_library_has_definitions_and_no_rule(document: Any, *, expected: bool) -> None:
    assert is_library(document) is expected


def test_true_is_not_one_and_order_is_not_content() -> None:
    assert contents(schemas(a={"const": True}), "a.json") != contents(schemas(a={"const": 1}), "a.json")
    left, right = {"const": 1, "type": "number"}, {"type": "number", "const": 1}
    assert contents(schemas(a=left), "a.json") == contents(schemas(a=right), "a.json")


@pytest.mark.parametrize(
    ("before", "after"),
    [({}, False), ({"const": True}, {"const": 1}), ({"$ref": "#/$defs/N"}, {}), (True, False), ({"$anchor": "x"}, {})],
)
def test_a_changed_definition_is_never_taken_for_an_unchanged_one(before: Any, after: Any) -> None:
    for more in ({}, {"$defs": {"a~b": {"$id": "https://x/inner"}}}):
        old, new = ({**LIBRARY, "$defs": {"S": each, "N": {}, **more.get("$defs", {})}} for each in (before, after))
        assert kinds(judged(schemas(lib=old), schemas(lib=new)))["lib.json#/$defs/S"] == "changed"


def test_a_definition_changes_with_what_it_refers_to() -> None:
    def library(pattern: str) -> Any:
        return {"$defs": {"S": {"$ref": "#/$defs/N"}, "N": {"type": "string", "pattern": pattern}}}

    found = kinds(judged(schemas(lib=library("a")), schemas(lib=library("b"))))
    assert (found["lib.json#/$defs/S"], found["lib.json#/$defs/N"]) == ("changed", "changed")


def test_families_of_this_house_have_their_context_in_their_name() -> None:
    document = schema("internal")
    paths = {
        "planning/v1/plan": document,
        "planning/v2/plan": document,
        "shared/v1/definitions": LIBRARY,
        "loose": document,
    }
    found = schemas(**paths)
    assert {pair.family for pair in pairs(found, found)} >= {"planning/plan", "planning/v2/plan", "loose.json"}
