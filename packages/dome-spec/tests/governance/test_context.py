"""The governance context of an action, and the files that it is made from."""

from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from dome_contracts.canonical import canonical_bytes, digest
from dome_contracts.schema.governance.charter import Charter
from dome_contracts.schema.governance.directive import DoctrineKind
from dome_contracts.schema.governance.governance_context import DoctrineLayer, GovernanceContext
from dome_spec.governance import ContextQuery, build_charter_context, read_charter, read_doctrine
from dome_spec.governance.doctrine import Doctrine, Origin, Source, built_in_sources, lay
from dome_spec.governance.refusals import CharterInvalid, CharterMissing, DoctrineInactive, DoctrineUnreadable
from dome_spec.kernel import read_document

CHARTER = {
    "schema_version": "1",
    "version": "1.0.0",
    "title": "Charter",
    "purpose": "Try things.",
    "adopted": {"accountable": {"kind": "human", "id": "ada"}, "time": "2026-01-02T03:04:05Z"},
    "activation": {},
    "policies": {"reviews": {"approvals_min": 1}},
}
QUERY = ContextQuery(action="implement", mission_type="software-change", profile="implementer", paths=("src/a.py",))


def charter(**changes: Any) -> Charter:
    return Charter.from_value({**CHARTER, **changes})


def own(kind: DoctrineKind, folder: str, value: dict[str, Any]) -> Source:
    return Source(kind, Origin(DoctrineLayer.PROJECT, f"{folder}/{value['id']}.yaml", digest(value)), value)


def doctrine(*more: Source) -> Doctrine:
    return lay((*built_in_sources(), *more))


def rule(name: str, **fields: Any) -> Source:
    value = {
        "schema_version": "1",
        "id": name,
        "version": "1.0.0",
        "title": name,
        "intent": "It is tried.",
        "text": "Try it.",
        "severity": "info",
        "enforcement": "tell",
        "scope": {},
        **fields,
    }
    return own(DoctrineKind.DIRECTIVE, "directives", value)


SOURCES = tuple(built_in_sources())
BUILT_IN = lay(SOURCES)
WORDS = st.text(alphabet="ab ", max_size=3).map(lambda text: f"x{text}x")


def laid(*more: Source) -> Doctrine:
    """What ships, with these."""
    return lay((*SOURCES, *more))


def ids(context: GovernanceContext) -> tuple[set[str], set[str]]:
    return {each.value.id for each in context.directives}, {each.value.id for each in context.tactics}


def test_an_implementer_is_told_the_rules_of_the_action_and_allowed_what_the_profile_allows() -> None:
    context = build_charter_context(QUERY, charter(), doctrine())
    directives, tactics = ids(context)
    assert directives == {"say-what-was-checked", "stay-within", "tests-come-along"}
    assert tactics == {"reproduce-before-mending"}
    assert context.step_contract is not None
    assert context.step_contract.value.id == "implement"
    assert "submit" in [each.value for each in context.allowance.authority.operations]
    assert {each.skill_id for each in context.allowance.tools} == {"repo.search", "repo.test", "repo.commit"}
    assert read_document(GovernanceContext, context.to_value()) == context


def test_before_an_effector_is_chosen_nothing_is_allowed() -> None:
    context = build_charter_context(
        ContextQuery(action="review", mission_type="software-change"), charter(), doctrine()
    )
    assert (context.allowance.authority.operations, context.allowance.tools) == ([], [])
    assert context.profile is None


def test_an_empty_list_of_the_charter_activates_nothing() -> None:
    with pytest.raises(DoctrineInactive, match="say-what-was-checked"):
        build_charter_context(QUERY, charter(activation={"directives": []}), doctrine())
    query = ContextQuery(action="implement", mission_type="software-change")
    context = build_charter_context(query, charter(activation={"directives": [], "tactics": []}), doctrine())
    assert ids(context) == (set(), set())
    assert [(each.kind.value, each.target.id) for each in context.warnings] == [
        ("inactive", "reproduce-before-mending")
    ]


def test_a_mission_type_that_is_not_active_is_refused() -> None:
    with pytest.raises(DoctrineInactive, match="software-change"):
        build_charter_context(QUERY, charter(activation={"mission_types": ["small-change"]}), doctrine())


def test_a_rule_that_scopes_another_narrows_it() -> None:
    narrow = rule(
        "only-ledger",
        scope={"paths": ["ledger/**"]},
        references=[{"relation": "scopes", "target": {"kind": "directive", "id": "stay-within"}}],
    )
    query = ContextQuery(action="implement", mission_type="software-change", paths=("src/a.py",))
    assert "stay-within" not in ids(build_charter_context(query, charter(), doctrine(narrow)))[0]
    there = ContextQuery(action="implement", mission_type="software-change", paths=("ledger/a.py",))
    assert {"only-ledger", "stay-within"} <= ids(build_charter_context(there, charter(), doctrine(narrow)))[0]


def test_a_project_that_disagrees_with_dome_is_shown_by_field() -> None:
    louder = own(DoctrineKind.DIRECTIVE, "directives", {"id": "stay-within", "severity": "critical"})
    context = build_charter_context(QUERY, charter(), doctrine(louder))
    (warning,) = context.warnings
    assert (warning.kind.value, warning.field) == ("collision", "/severity")
    (resolved,) = (each for each in context.directives if each.value.id == "stay-within")
    assert resolved.provenance.fields is not None
    assert resolved.provenance.fields["/severity"].layer is DoctrineLayer.PROJECT


def choices(own: str, other: str) -> tuple[list[str] | None, ...]:
    """What a scope may say of one thing: nothing, what is there, something else, both."""
    return (None, [own], [other], [other, own])


SCOPES = [
    {name: value for name, value in zip(("actions", "paths", "mission_types"), found, strict=True) if value is not None}
    for found in product(
        choices("implement", "review"), choices("src/**", "docs/**"), choices("software-change", "other")
    )
]
OWN = {"actions": "implement", "paths": "src/**", "mission_types": "software-change"}


def test_property_17_a_rule_changes_the_digest_where_its_scope_holds_and_nowhere_else() -> None:
    before, seen = build_charter_context(QUERY, charter(), BUILT_IN), Counter[bool]()
    for scope in SCOPES:
        applies = all(OWN[name] in found for name, found in scope.items())
        after = build_charter_context(QUERY, charter(), laid(rule("tried", scope=scope)))
        assert ("tried" in ids(after)[0]) == applies
        assert (after.digest != before.digest) == applies
        seen[applies] += 1
    assert seen == {True: 27, False: 37}  # of four things that a scope may say of each, three hold


@given(st.sampled_from(SCOPES), st.lists(WORDS, min_size=2, max_size=2), st.data())
def test_property_17_an_edit_of_a_rule_changes_the_digest_where_it_applies_and_the_same_gives_the_same(
    scope: dict[str, Any], texts: list[str], data: st.DataObject
) -> None:
    applies = all(OWN[name] in found for name, found in scope.items())
    other = rule("beside", scope={"actions": ["review"]})
    first, second = (
        build_charter_context(QUERY, charter(), laid(rule("tried", scope=scope, text=text), other)) for text in texts
    )
    event(f"applies: {applies}, edited: {texts[0] != texts[1]}")
    assert (first.digest != second.digest) == (applies and texts[0] != texts[1])
    shuffled = data.draw(st.permutations([*SOURCES, rule("tried", scope=scope, text=texts[0]), other]))
    again = build_charter_context(QUERY, charter(), lay(shuffled))
    assert canonical_bytes(again.to_value()) == canonical_bytes(first.to_value())
    assert first.digest == digest({name: value for name, value in first.to_value().items() if name != "digest"})


@pytest.mark.parametrize(
    ("action", "profile"),
    [("implement", "implementer"), ("review", "reviewer"), ("specify", "planner"), ("plan", None)],
)
def test_property_17_of_all_documents_those_of_the_action_change_the_digest_and_no_other_does(
    action: str, profile: str | None
) -> None:
    query = ContextQuery(action=action, mission_type="software-change", profile=profile, paths=("src/a.py",))
    before = build_charter_context(query, charter(), BUILT_IN)
    told = {
        (DoctrineKind.MISSION_TYPE, "software-change"),
        *((DoctrineKind.DIRECTIVE, each.value.id) for each in before.directives),
        *((DoctrineKind.TACTIC, each.value.id) for each in before.tactics),
        *([] if before.profile is None else [(DoctrineKind.AGENT_PROFILE, before.profile.value.id)]),
        *([] if before.step_contract is None else [(DoctrineKind.STEP_CONTRACT, before.step_contract.value.id)]),
    }
    every = {(kind, name) for kind in DoctrineKind for name in BUILT_IN.ids(kind)}
    assert told < every
    changed = set()
    for kind, name in every:
        edited = own(kind, "edited", {"id": name, "title": "Another title"})
        if build_charter_context(query, charter(), laid(edited)).digest != before.digest:
            changed.add((kind, name))
    assert changed == told


def written(root: Path, text: str) -> Path:
    (root / ".dome").mkdir()
    (root / ".dome" / "charter.yaml").write_text(text)
    return root


YAML = """schema_version: "1"
version: 1.0.0
title: Charter
purpose: Try things.
adopted: {accountable: {kind: human, id: ada}, time: 2026-01-02T03:04:05Z}
activation: {}
policies: {}
"""


def test_a_charter_and_its_doctrine_are_read_from_the_repository(tmp_path: Path) -> None:
    root = written(tmp_path, YAML + "doctrine_folder: rules\n")
    (root / "rules" / "directives").mkdir(parents=True)
    (root / "rules" / "directives" / "stay-within.yaml").write_text("id: stay-within\nseverity: critical\n")
    read = read_charter(root)
    context = build_charter_context(QUERY, read, read_doctrine(root, read))
    assert [each.value.severity.value for each in context.directives if each.value.id == "stay-within"] == ["critical"]


def test_a_repository_without_a_charter_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(CharterMissing, match="dome charter init"):
        read_charter(tmp_path)


@pytest.mark.parametrize("text", ["{", "- a\n", YAML.replace("Try things.", '""')], ids=["no yaml", "a list", "empty"])
def test_a_charter_that_is_none_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(CharterInvalid, match="charter"):
        read_charter(written(tmp_path, text))


def test_a_doctrine_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    root = written(tmp_path, YAML + "doctrine_folder: rules\n")
    with pytest.raises(DoctrineUnreadable, match="rules"):
        read_doctrine(root, read_charter(root))
