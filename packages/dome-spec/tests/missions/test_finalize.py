"""Finalisation: the order of packages, who owns what, tracks, and every problem at once."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.schema.missions.mission import Mission
from dome_contracts.schema.missions.work_package import WorkPackage
from dome_spec.missions import Finalized, FinalizeRefused, cycle, finalize, order
from dome_spec.missions.dependencies import ancestors
from dome_spec.missions.ownership import overlaps
from tests.missions_made import mission, package

FILES = tuple(f"src/wp{number:02d}/a.py" for number in range(1, 9))


def finalized(
    *packages: WorkPackage, of: Mission | None = None, paths: Collection[str] = FILES, profiles: Sequence[str] = ()
) -> Finalized:
    return finalize(of or mission(), packages, paths=paths, profiles=profiles)


def problems(*packages: WorkPackage, of: Mission | None = None, paths: Collection[str] = FILES) -> dict[str, Any]:
    with pytest.raises(FinalizeRefused) as refused:
        finalized(*packages, of=of, paths=paths)
    return {each.code: each.ids for each in refused.value.problems}


def test_packages_come_in_an_order_that_can_be_worked_and_with_their_tracks() -> None:
    done = finalized(package("WP02", dependencies=["WP01"]), package("WP01"), package("WP03"))
    assert [(each.work_package_id, each.track) for each in done.packages] == [
        ("WP01", "track-01"),
        ("WP02", "track-02"),
        ("WP03", "track-03"),
    ]
    assert done.track_edges["track-02"] == {"track-01"}


def test_packages_that_share_files_one_after_the_other_share_a_track() -> None:
    shared = ["src/wp01/**"]
    done = finalized(package("WP01"), package("WP02", dependencies=["WP01"], owned_files=shared))
    assert {each.track for each in done.packages} == {"track-01"}


def test_what_lies_between_two_packages_of_a_track_joins_it() -> None:
    last = package("WP03", dependencies=["WP02"], owned_files=["src/wp01/**"])
    done = finalized(package("WP01"), package("WP02", dependencies=["WP01"]), last)
    assert {each.track for each in done.packages} == {"track-01"}


def test_documents_need_no_track() -> None:
    done = finalized(package("WP01"), package("WP02", product="documents", owned_files=[]))
    assert [each.track for each in done.packages] == ["track-01", None]


def test_packages_that_may_run_at_the_same_time_own_nothing_in_common() -> None:
    other = package("WP02", owned_files=["src/**/a.py"])
    assert problems(package("WP01"), other) == {"OWNERSHIP_OVERLAP": ("WP01", "WP02", "src/wp01/a.py")}


def test_a_package_that_reaches_over_the_repository_runs_alone() -> None:
    wide = package("WP02", reach="repository", owned_files=[])
    assert "OWNERSHIP_OVERLAP" in problems(package("WP01"), wide)
    after = package("WP02", reach="repository", owned_files=[], dependencies=["WP01"])
    assert {each.track for each in finalized(package("WP01"), after).packages} == {"track-01"}


def test_a_cycle_is_shown_as_a_way() -> None:
    found = problems(package("WP01", dependencies=["WP02"]), package("WP02", dependencies=["WP01"]))
    assert found == {"DEPENDENCY_CYCLE": ("WP01", "WP02", "WP01")}


def test_every_problem_is_told_at_once_with_the_ids_that_are_meant() -> None:
    wanted = mission(
        requirements=[
            {"id": "FR-001", "priority": "must", "text": "It works."},
            {"id": "FR-002", "priority": "should", "text": "It is quick."},
            {"id": "NFR-001", "priority": "could", "text": "It is small."},
        ]
    )
    found = problems(
        package("WP01", dependencies=["WP09"], requirements=["FR-001", "FR-009"]),
        package("WP02", subtasks=[{"id": "T001", "title": "a"}]),
        package("WP03", subtasks=[{"id": "T001", "title": "b"}]),
        of=wanted,
    )
    assert found == {
        "DEPENDENCY_UNKNOWN": ("WP01", "WP09"),
        "REQUIREMENT_UNKNOWN": ("WP01", "FR-009"),
        "REQUIREMENT_UNSERVED": ("FR-002",),
        "SUBTASK_TWICE": ("T001", "WP02", "WP03"),
    }


def test_a_path_that_is_named_in_full_has_to_be_there_or_to_be_created() -> None:
    named = ["src/new.py"]
    assert problems(package("WP01", owned_files=named)) == {"PATH_UNMATCHED": ("WP01", "src/new.py")}
    assert finalized(package("WP01", owned_files=named, creates=named)).warnings == ()


def test_a_pattern_that_matches_nothing_is_a_warning() -> None:
    done = finalized(package("WP01", owned_files=["src/gone/**"]))
    assert [each.code for each in done.warnings] == ["PATH_UNMATCHED"]


def test_the_missions_own_folder_belongs_to_no_package() -> None:
    found = problems(package("WP01", owned_files=["missions/tried/**"]), paths=["missions/tried/mission.yaml"])
    assert found == {"OWNERSHIP_OF_MISSION": ("WP01", "missions/tried/**")}


def test_a_recommended_profile_has_to_be_active() -> None:
    wants = package("WP01", recommendation={"profile_ref": "careful"})
    assert problems(wants) == {"PROFILE_INACTIVE": ("WP01", "careful")}
    assert finalized(wants, profiles=["careful"]).warnings == ()


def test_a_mission_without_packages_is_not_finalised() -> None:
    assert "NO_PACKAGES" in problems()


NAMES = [f"WP{number:02d}" for number in range(1, 7)]
EDGES = st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES), max_size=3), min_size=len(NAMES))
OWNED = st.lists(st.sampled_from(["src/a/**", "src/b/**", "src/c/x.py", "src/**/x.py", "docs/*"]), unique=True)


@given(EDGES, st.randoms())
def test_property_12_an_order_respects_edges_is_stable_and_a_cycle_is_concrete(
    edges: dict[str, set[str]], random: Any
) -> None:
    shuffled = list(edges.items())
    random.shuffle(shuffled)
    way = cycle(edges)
    assert cycle(dict(shuffled)) == way
    if way:
        assert way[0] == way[-1]
        assert all(after in edges[before] for before, after in pairwise(way))
        return
    ordered = order(edges)
    assert order(dict(shuffled)) == ordered
    assert sorted(ordered) == sorted(edges)
    assert all(ordered.index(each) < ordered.index(name) for name in edges for each in edges[name])


@st.composite
def fitting(draw: st.DrawFn) -> list[WorkPackage]:
    """Packages with edges to earlier ones only; some own the same files."""
    made = []
    for place, name in enumerate(NAMES[: draw(st.integers(1, 6))]):
        before = draw(st.sets(st.sampled_from(NAMES[:place]))) if place else set()
        owned = draw(OWNED)
        product = draw(st.sampled_from(["code_change", "code_change", "documents"]))
        made.append(package(name, dependencies=sorted(before), owned_files=owned, product=product))
    return made


@given(fitting(), st.randoms())
def test_property_13_tracks_divide_the_packages_share_what_is_shared_and_wait_in_no_circle(
    packages: list[WorkPackage], random: Any
) -> None:
    paths = ["src/a/y.py", "src/b/y.py", "src/c/x.py", "docs/a.md"]
    shuffled = list(packages)
    random.shuffle(shuffled)
    before = ancestors({each.work_package_id: each.dependencies for each in packages})
    met = list(overlaps(packages))
    concurrent = [each for each in met if each[0] not in before[each[1]] and each[1] not in before[each[0]]]
    if concurrent:
        with pytest.raises(FinalizeRefused):
            finalized(*packages, paths=paths)
        return
    done, again = finalized(*packages, paths=paths), finalized(*shuffled, paths=paths)
    assert done == again
    assigned = {each.work_package_id: each.track for each in done.packages}
    assert all((assigned[each.work_package_id] is None) == (each.product.value == "documents") for each in packages)
    assert all(assigned[first] == assigned[second] for first, second, _ in met)
    assert cycle(done.track_edges) == ()


@given(fitting())
def test_property_14_finalising_twice_is_finalising_once(packages: list[WorkPackage]) -> None:
    paths = ["src/a/y.py", "src/b/y.py", "src/c/x.py", "docs/a.md"]
    before = [each.to_json() for each in packages]
    try:
        done = finalized(*packages, paths=paths)
    except FinalizeRefused as refused:
        with pytest.raises(FinalizeRefused) as again:
            finalized(*packages, paths=paths)
        assert again.value.problems == refused.problems
    else:
        assert finalized(*done.packages, paths=paths) == done
    assert [each.to_json() for each in packages] == before


@given(
    st.sets(st.sampled_from(["FR-001", "FR-002", "C-001"]), min_size=1),
    st.lists(st.sets(st.sampled_from(["FR-001", "FR-002", "C-001"]), min_size=1), min_size=1, max_size=3),
)
def test_property_15_every_requirement_is_served_and_every_reference_known_or_exactly_the_others_are_named(
    asked: set[str], served: list[set[str]]
) -> None:
    wanted = mission(requirements=[{"id": each, "priority": "must", "text": "x"} for each in sorted(asked)])
    packages = [package(name, requirements=sorted(each)) for name, each in zip(NAMES, served, strict=False)]
    unserved = {("REQUIREMENT_UNSERVED", (each,)) for each in asked - set().union(*served)}
    unknown = {
        ("REQUIREMENT_UNKNOWN", (name, each))
        for name, given in zip(NAMES, served, strict=False)
        for each in given - asked
    }
    try:
        finalized(*packages, of=wanted)
    except FinalizeRefused as refused:
        assert {(each.code, each.ids) for each in refused.problems} == unserved | unknown
    else:
        assert not unserved | unknown
