"""The doctrine: layers laid upon each other, and the graph of references."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.canonical import digest
from dome_contracts.schema.governance.charter import Activation
from dome_contracts.schema.governance.directive import DoctrineKind
from dome_contracts.schema.governance.governance_context import DoctrineLayer, WarningKind
from dome_spec.governance.doctrine import (
    KINDS,
    Address,
    Doctrine,
    Item,
    Origin,
    Source,
    Where,
    built_in_sources,
    closure,
    is_active,
    lay,
    over,
)
from dome_spec.governance.refusals import DoctrineAmbiguous, DoctrineInactive, DoctrineMissing, DoctrineUnreadable

DIRECTIVE, TACTIC = DoctrineKind.DIRECTIVE, DoctrineKind.TACTIC
ALL = Activation()
IMPLEMENT = Where(action="implement", mission_type="software-change", paths=("src/a.py",))


def source(kind: DoctrineKind, layer: DoctrineLayer, value: dict[str, Any]) -> Source:
    path = f"{KINDS[kind].folder}/{value['id']}.yaml"
    return Source(kind, Origin(layer, path, digest(value)), value)


def directive(name: str, *references: tuple[str, str], scope: dict[str, Any] | None = None, **more: Any) -> Source:
    value: dict[str, Any] = {
        "schema_version": "1",
        "id": name,
        "version": "1.0.0",
        "title": name,
        "intent": "It is tried.",
        "text": "Try it.",
        "severity": "info",
        "enforcement": "tell",
        "scope": scope or {},
        **more,
    }
    if references:
        value["references"] = [
            {"relation": relation, "target": {"kind": "directive", "id": target}} for relation, target in references
        ]
    return source(DIRECTIVE, DoctrineLayer.BUILT_IN, value)


def reached(doctrine: Doctrine, *roots: str, depth: int = 2, activation: Activation = ALL) -> set[str]:
    found = closure(doctrine, activation, IMPLEMENT, roots=[(DIRECTIVE, each) for each in roots], depth=depth)
    return {name for _, name in found.documents}


def test_every_document_that_dome_ships_can_be_read_and_refers_to_nothing_that_is_missing() -> None:
    doctrine = lay(built_in_sources())
    addresses: list[Address] = [(kind, name) for kind in KINDS for name in doctrine.ids(kind)]
    assert len(addresses) > len(KINDS)
    found = closure(doctrine, ALL, IMPLEMENT, roots=addresses, depth=8)
    assert set(addresses) <= set(found.documents)
    assert found.loose == ()


def test_a_project_changes_a_field_and_the_rest_stays() -> None:
    own = source(DIRECTIVE, DoctrineLayer.PROJECT, {"id": "a", "severity": "error", "scope": {"actions": ["review"]}})
    item = lay([directive("a"), own]).item((DIRECTIVE, "a"))
    assert (item.value["severity"], item.value["text"]) == ("error", "Try it.")
    assert item.origin.layer is DoctrineLayer.BUILT_IN
    assert {place: origin.layer for place, origin in item.fields.items()} == {
        ("id",): DoctrineLayer.PROJECT,
        ("severity",): DoctrineLayer.PROJECT,
        ("scope", "actions"): DoctrineLayer.PROJECT,
    }
    assert [each.text for each in item.collisions] == ["The project says error where Dome says info; error holds."]


def test_a_document_that_is_none_after_all_layers_is_named_with_its_file() -> None:
    own = source(DIRECTIVE, DoctrineLayer.PROJECT, {"id": "b", "severity": "loud"})
    doctrine = lay([own])
    with pytest.raises(DoctrineUnreadable, match=r"directives/b\.yaml of the project is no directive"):
        doctrine.document((DIRECTIVE, "b"))


def test_two_files_of_one_layer_with_one_id_are_refused() -> None:
    with pytest.raises(DoctrineAmbiguous, match=r"directives/a\.yaml"):
        lay([directive("a"), directive("a", text="Other.")])


def test_what_is_required_comes_along_and_has_to_be_there_and_active() -> None:
    doctrine = lay([directive("a", ("requires", "b")), directive("b", ("requires", "c")), directive("c")])
    assert reached(doctrine, "a") == {"a", "b", "c"}
    with pytest.raises(DoctrineInactive, match="'c' is not active"):
        reached(doctrine, "a", activation=Activation(directives=["a", "b"]))
    with pytest.raises(DoctrineMissing, match="There are: a"):
        reached(lay([directive("a", ("requires", "b"))]), "a")


def test_what_requires_itself_comes_once() -> None:
    assert reached(lay([directive("a", ("requires", "b")), directive("b", ("requires", "a"))]), "a") == {"a", "b"}


def test_suggestions_are_followed_so_deep_and_then_only_named() -> None:
    doctrine = lay([directive("a", ("suggests", "b")), directive("b", ("suggests", "c")), directive("c")])
    assert reached(doctrine, "a", depth=0) == {"a"}
    assert reached(doctrine, "a", depth=1) == {"a", "b"}
    assert reached(doctrine, "a", depth=2) == {"a", "b", "c"}
    found = closure(doctrine, ALL, IMPLEMENT, roots=[(DIRECTIVE, "a")], depth=1)
    assert [(each.address[1], each.kind) for each in found.loose] == [("c", None)]


def test_a_suggestion_that_cannot_be_followed_warns() -> None:
    doctrine = lay([directive("a", ("suggests", "gone"), ("suggests", "off")), directive("off")])
    found = closure(doctrine, Activation(directives=["a"]), IMPLEMENT, roots=[(DIRECTIVE, "a")], depth=2)
    assert {(each.address[1], each.kind) for each in found.loose} == {
        ("gone", WarningKind.UNRESOLVED_SUGGESTION),
        ("off", WarningKind.INACTIVE),
    }


def test_what_specializes_takes_the_place_of_its_target() -> None:
    doctrine = lay([directive("a", ("requires", "b")), directive("b"), directive("c", ("specializes", "b"))])
    assert reached(doctrine, "a") == {"a", "c"}
    elsewhere = directive("c", ("specializes", "b"), scope={"actions": ["review"]})
    assert reached(lay([directive("a", ("requires", "b")), directive("b"), elsewhere]), "a") == {"a", "b"}


def test_a_circle_of_specializations_replaces_nothing() -> None:
    circle = [directive("b", ("specializes", "a"), ("specializes", "c")), directive("c", ("specializes", "b"))]
    assert reached(lay([directive("a"), *circle]), "a") == {"a"}
    chain = [directive("b", ("specializes", "a")), directive("c", ("specializes", "b"))]
    assert reached(lay([directive("a"), *chain]), "a") == {"c"}


def test_two_that_specialize_one_are_refused() -> None:
    doctrine = lay([directive("a"), directive("b", ("specializes", "a")), directive("c", ("specializes", "a"))])
    with pytest.raises(DoctrineAmbiguous, match="'b' and 'c'"):
        reached(doctrine, "a")


NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
GRAPHS = st.dictionaries(
    NAMES, st.lists(st.tuples(st.sampled_from(["requires", "suggests"]), NAMES), max_size=3, unique=True), min_size=5
)
SHAPES = st.fixed_dictionaries(
    {},
    optional={
        "x": st.integers(0, 2),
        "y": st.lists(st.integers(0, 1), max_size=2),
        "z": st.fixed_dictionaries({}, optional={"v": st.integers(0, 2), "w": st.integers(0, 2)}).filter(bool),
    },
)


@given(st.sampled_from(["absent", "empty", "listed"]), st.sets(NAMES, min_size=1))
def test_property_18_activation_has_three_states(state: str, listed: set[str]) -> None:
    activation = {
        "absent": Activation(),
        "empty": Activation(directives=[]),
        "listed": Activation(directives=sorted(listed)),
    }[state]
    active = {name for name in "abcde" if is_active(activation, (DIRECTIVE, name))}
    assert active == {"absent": set("abcde"), "empty": set(), "listed": listed}[state]
    assert is_active(activation, (TACTIC, "a"))


@given(SHAPES, SHAPES, SHAPES)
def test_property_18_an_overlay_is_associative_and_says_where_each_field_came_from(
    lowest: dict[str, Any], middle: dict[str, Any], highest: dict[str, Any]
) -> None:
    items = [
        Item(
            value=value, origin=Origin(DoctrineLayer.PROJECT, f"{place}.yaml", digest(place)), fields={}, collisions=()
        )
        for place, value in enumerate((lowest, middle, highest))
    ]
    left = over(over(items[0], items[1]), items[2])
    right = over(items[0], over(items[1], items[2]))
    assert left.value == right.value
    assert left.fields == right.fields
    for place, origin in left.fields.items():
        given_by = items[int(origin.path.removesuffix(".yaml"))]
        inner: Any = given_by.value
        for name in place:
            inner = inner[name]
        outer: Any = left.value
        for name in place:
            outer = outer[name]
        assert inner == outer


@given(GRAPHS, st.sets(NAMES, min_size=1, max_size=2), st.integers(0, 3), st.randoms())
def test_property_19_what_is_required_is_complete_what_is_suggested_bounded_and_no_order_matters(
    graph: dict[str, list[tuple[str, str]]], roots: set[str], depth: int, random: Any
) -> None:
    files = [directive(name, *references) for name, references in graph.items()]
    found = reached(lay(files), *roots, depth=depth)
    for name in found:
        assert {target for relation, target in graph[name] if relation == "requires"} <= found
    shuffled, again = list(files), sorted(roots, reverse=True)
    random.shuffle(shuffled)
    assert reached(lay(shuffled), *again, depth=depth) == found
    assert reached(lay(files), *roots, depth=0) == _required(graph, roots)
    assert found <= reached(lay(files), *roots, depth=depth + 1)


def _required(graph: dict[str, list[tuple[str, str]]], roots: set[str]) -> set[str]:
    found, waiting = set[str](), list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [target for relation, target in graph[name] if relation == "requires"]
    return found
