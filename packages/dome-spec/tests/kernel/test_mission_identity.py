"""Which mission is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_spec.kernel import (
    MissionAmbiguous,
    MissionName,
    MissionUnknown,
    resolve_mission_identity,
    resolve_mission_read_path,
)

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
NAMES = st.builds(
    MissionName,
    st.text(alphabet="ab", min_size=26, max_size=26).map(lambda body: f"mis-{body}"),
    st.sampled_from(["rounding", "ledger"]),
    st.none() | st.integers(1, 2),
)


@given(st.lists(NAMES, max_size=4, unique_by=lambda each: each.mission_id), st.data())
def test_property_16_a_handle_is_unique_or_all_candidates_are_listed(
    missions: list[MissionName], data: st.DataObject
) -> None:
    handles = [
        "rounding",
        "1",
        "nobody",
        *(each.mission_id for each in missions),
        *(each.short_id for each in missions),
    ]
    handle = data.draw(st.sampled_from(handles))
    exact = [each for each in missions if each.mission_id == handle]
    named = exact or [
        each
        for each in missions
        if handle in {each.slug, each.short_id, f"{each.slug}-{each.short_id}", str(each.number or "")}
    ]
    try:
        found = resolve_mission_identity(handle, missions)
    except MissionUnknown:
        assert named == []
    except MissionAmbiguous as ambiguous:
        assert list(ambiguous.candidates) == sorted(named)
        assert len(named) > 1
    else:
        assert [found] == named


def test_missions_of_one_moment_have_other_short_ids() -> None:
    first, second = "mis-01hy2y63cm7n59a7hdtrjvmwd0", "mis-01hy2y63cm0000000000000000"
    assert MissionName(first, "a").short_id != MissionName(second, "a").short_id


def test_an_ambiguous_handle_names_the_ids_to_choose_from() -> None:
    missions = [MissionName("mis-01hy2y63cm7n59a7hdtrjvmwd0", "a"), MissionName("mis-01hy2y63cm0000000000000000", "a")]
    with pytest.raises(MissionAmbiguous, match="mis-01hy2y63cm0000000000000000"):
        resolve_mission_identity("a", missions)


def test_the_texts_of_a_mission_stand_in_a_folder_of_its_slug() -> None:
    assert str(resolve_mission_read_path(MissionName("mis-01hy2y63cm7n59a7hdtrjvmwd0", "a"))) == "missions/a"


def test_an_id_goes_before_a_slug_that_is_written_like_it() -> None:
    real = MissionName("mis-01hy2y63cm7n59a7hdtrjvmwd0", "parser")
    namesake = MissionName("mis-01hy2y63cm7n59a7hdtrjvmwd1", real.mission_id)
    assert resolve_mission_identity(real.mission_id, [real, namesake]) == real
