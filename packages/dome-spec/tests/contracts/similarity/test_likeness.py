"""A repeated family is found whatever was done to hide it; families that only share house words are left alone."""

from typing import Any

import pytest

from dome_spec.contracts.similarity import Likeness, Resemblance, likenesses, likenesses_between


def closed(**fields: Any) -> dict[str, Any]:
    """A closed object. A field is given by its type, by its allowed words, or as a schema."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _field(of) for name, of in fields.items()},
    }


def _field(of: Any) -> Any:
    match of:
        case str():
            return {"type": of}
        case list():
            return {"enum": of}
        case _:
            return of


def array(of: Any) -> dict[str, Any]:
    """A list."""
    return {"type": "array", "items": _field(of)}


TASK: dict[str, Any] = closed(
    schema_version={"const": "1"},
    run_id="string",
    goal={"type": "string", "minLength": 1, "maxLength": 400},
    criteria=array(closed(id={"type": "string", "pattern": "^C-[0-9]+$"}, statement="string")),
    attempts_max={"type": "integer", "minimum": 1, "maximum": 9},
    mode=["strict", "lenient"],
    deadline={"type": "string", "format": "date-time"},
)
# What nearly every family has, and nothing else of each other.
OTHERS: dict[str, Any] = {
    f"sample/other_{number}": closed(
        schema_version={"const": "1"},
        run_id="string",
        **{f"field_{number}_{each}": {"type": "string", "maxLength": 10 * number + each} for each in range(5)},
    )
    for number in range(6)
}


# Two sets that grew apart and are about the same work, with the names and fields that each had.
DOTTED: dict[str, Any] = {
    "work.queue.schema.json": closed(
        version="string",
        run_id="string",
        base_ref="string",
        max_workers="integer",
        tasks=array(
            closed(task_id="string", goal="string", status=["QUEUED", "CLAIMED", "RUNNING", "DONE", "BLOCKED"])
        ),
        pattern_ref="string",
    ),
    "gate.decision.schema.json": closed(
        version="string",
        run_id="string",
        task_id="string",
        status=["APPROVE", "REJECT", "NEEDS_HUMAN"],
        reason_codes=array("string"),
        confidence="number",
        risk_score="number",
        notes=array("string"),
    ),
    "evidence.capsule.schema.json": closed(
        version="string",
        trace=closed(trace_id_hex="string", span_id_hex="string"),
        signals="object",
        artifacts=array(closed(path="string", sha256="string", bytes="integer")),
    ),
    "reason.codes.schema.json": closed(
        version="string",
        codes=array(
            closed(code="string", **{"class": ["DETERMINISTIC", "TRANSIENT", "POLICY"]}, severity=["INFO", "WARN"])
        ),
    ),
    "rank.policy.schema.json": closed(
        version="string", weights=closed(reliability="number", cost="number", latency="number")
    ),
    "event.envelope.schema.json": closed(
        schema_version="string", sequence="integer", event_id="string", ts="string", topic="string", run_id="string"
    ),
}

SNAKE: dict[str, Any] = {
    "work_queue.schema.json": closed(
        meta="object",
        queue_id="string",
        base_ref="string",
        desired_state_id="string",
        max_workers="integer",
        work_items=array(closed(work_item_id="string", objective_slice="string", pattern="string", priority="integer")),
    ),
    "gate_decision.schema.json": closed(
        meta="object",
        run_id="string",
        iteration_id="string",
        decision=["PROMOTE", "DENY", "STOP"],
        reason_codes=array("string"),
        pointers="object",
    ),
    "evidence_capsule.schema.json": closed(
        meta="object",
        run_id="string",
        iteration_id="string",
        base_ref="string",
        checks=array("object"),
        touched_paths=array("string"),
        hash_manifest="object",
    ),
    "reason_codes.schema.json": closed(version="string", codes="object", classes_precedence=array("string")),
    "rank_policy.schema.json": closed(
        rank_policy_id="string",
        tuple_order=array(closed(field=["checks_passed", "diff_lines_total"], direction=["asc", "desc"])),
    ),
    "patch_proposal.schema.json": closed(
        candidate_id="string", work_item_id="string", pattern="string", base_ref="string", unified_diff="string"
    ),
    "api_surface.schema.json": closed(ordering="string", packages=array("string"), exports=array("object")),
}


def alike_with(copied: Any, name: str = "sample/assignment") -> list[Likeness]:
    return likenesses({"sample/task": TASK, name: copied, **OTHERS})


def renamed(schema: Any) -> Any:
    """The same shapes under other names, at every level."""
    match schema:
        case {"properties": properties}:
            return schema | {"properties": {f"x_{name}": renamed(below) for name, below in properties.items()}}
        case {"items": below}:
            return schema | {"items": renamed(below)}
        case _:
            return schema


def without(*names: str) -> dict[str, Any]:
    return TASK | {"properties": {name: value for name, value in TASK["properties"].items() if name not in names}}


@pytest.mark.parametrize(
    ("copied", "by"),
    [
        (TASK, Resemblance.FIELDS),
        (TASK | {"properties": dict(reversed(TASK["properties"].items()))}, Resemblance.FIELDS),
        (TASK | {"description": "Another text.", "title": "Assignment"}, Resemblance.FIELDS),
        (without("deadline", "mode"), Resemblance.FIELDS),
        (
            TASK | {"properties": TASK["properties"] | {f"more_{n}": {"type": "string"} for n in range(4)}},
            Resemblance.FIELDS,
        ),
        ({"$defs": {"Body": TASK}, "$ref": "#/$defs/Body"}, Resemblance.FIELDS),
        ({"allOf": [without("goal"), closed(goal=TASK["properties"]["goal"])]}, Resemblance.FIELDS),
        (renamed(TASK), Resemblance.SHAPES),
    ],
    ids=["copied", "reordered", "retitled", "partly copied", "extended", "in a definition", "split", "fields renamed"],
)
def test_a_repeated_family_is_found(copied: Any, by: Resemblance) -> None:
    (found,) = alike_with(copied)
    assert {found.first, found.second} == {"sample/task", "sample/assignment"}
    assert found.by == by
    assert found.share > 0.6


def test_one_identity_for_two_families_is_found() -> None:
    schema_id = {"$id": "https://example.org/task.json"}
    assert [each.by for each in likenesses({"a": TASK | schema_id, "b": closed(n="string") | schema_id})] == [
        "identity"
    ]


@pytest.mark.parametrize("name", ["other/task", "other/Task.schema.json"])
def test_one_name_for_two_families_is_found(name: str) -> None:
    assert [each.by for each in alike_with(closed(odd="string"), name)] == [Resemblance.NAME]


def test_families_that_share_only_house_words_are_left_alone() -> None:
    assert likenesses({"sample/task": TASK, **OTHERS}) == []


def test_two_sets_that_grew_apart_are_reported_pair_by_pair() -> None:
    found = {
        (each.first.partition(".s")[0], each.second.partition(".s")[0]) for each in likenesses_between(DOTTED, SNAKE)
    }
    assert found == {
        ("work.queue", "work_queue"),
        ("gate.decision", "gate_decision"),
        ("evidence.capsule", "evidence_capsule"),
        ("reason.codes", "reason_codes"),
        ("rank.policy", "rank_policy"),
    }


@pytest.mark.parametrize(
    "odd",
    [True, {}, [], {"properties": []}, {"$ref": "#/nowhere"}, {"$ref": "#"}, {"$defs": {"A": {"$ref": "#/$defs/A"}}}],
)
def test_an_odd_schema_is_like_nothing(odd: Any) -> None:
    assert alike_with(odd) == []


def test_a_recursive_family_ends() -> None:
    tree: dict[str, Any] = closed(
        name="string", weight="number", owner="string", left={"$ref": "#"}, right={"$ref": "#"}
    )
    assert likenesses({"sample/tree": tree, "sample/wood": tree})[0].by == Resemblance.FIELDS
