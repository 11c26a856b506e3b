"""Who acts: as words, from the environment, or the person who is logged in."""

from argparse import Namespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.schema.shared.definitions import Accountable, Effector
from dome_spec.commands.mission.acting import PersonNeeded, accountable, effector_of, parsed, person, written
from dome_spec.commands.verb import UsageWrong
from tests.mission_use import IMPLEMENTER, Use, use

__all__ = ["use"]
AGENT = "llm:agent-1,role=implementer,profile=implementer,tool=codex,model=m-1"
_SLUG = st.from_regex("[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True)


def test_words_name_every_field_of_an_effector() -> None:
    effector = parsed(AGENT)
    assert effector.to_value() == {
        "kind": "llm",
        "id": "agent-1",
        "role": "implementer",
        "profile_ref": "implementer",
        "tool": "codex",
        "model": "m-1",
    }
    assert written(effector) == AGENT


@given(st.sampled_from(["human", "llm", "service"]), _SLUG, st.none() | _SLUG, st.none() | _SLUG)
def test_what_is_written_is_read_again(kind: str, name: str, role: str | None, profile: str | None) -> None:
    value = {"kind": kind, "id": name, "role": role, "profile_ref": profile}
    effector = Effector.from_value({key: each for key, each in value.items() if each is not None})
    assert parsed(written(effector)) == effector


@pytest.mark.parametrize("text", ["agent-1", "robot:a", "llm:", "llm:a,colour=red", "llm:a,role=", "llm:a b", "llm:a,"])
def test_what_names_no_effector_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(UsageWrong, match="names no effector"):
        parsed(text)


def test_words_go_before_the_environment_and_the_environment_before_the_person() -> None:
    environ = {"USER": "ada", "DOME_EFFECTOR": "service:timer"}
    assert effector_of(Namespace(acting="llm:a"), environ).id == "a"
    assert effector_of(Namespace(acting=None), environ).id == "timer"
    assert effector_of(Namespace(acting=None), {"USER": "ada"}).to_value() == {"kind": "human", "id": "ada"}
    assert effector_of(Namespace(), {"LOGNAME": "grace"}).id == "grace"
    assert effector_of(Namespace(), {}).id


def test_a_person_answers_and_nobody_else() -> None:
    ada = Accountable(kind="human", id="ada")
    assert accountable(parsed("human:grace"), ada).id == "grace"
    assert accountable(parsed(AGENT), ada) is ada
    with pytest.raises(PersonNeeded, match="agent-1 is no person"):
        accountable(parsed(AGENT), None)
    with pytest.raises(PersonNeeded, match="for a person to decide"):
        person(parsed(AGENT), "It")


def test_a_login_whose_name_is_no_id_is_asked_who_acts() -> None:
    with pytest.raises(UsageWrong, match="--as"):
        effector_of(Namespace(), {"USER": "Ada Lovelace"})
    assert effector_of(Namespace(acting="human:ada"), {"USER": "Ada Lovelace"}).id == "ada"


STRANGER = ("--as", "llm:stranger")
WITH_A_PROFILE = ("--as", "llm:stranger,profile=implementer")


@pytest.mark.parametrize(
    "words",
    [
        ("new", "other", "--goal", "X", "--require", "FR-001=X"),
        ("finalize", "tried"),
        ("next", "tried"),
        ("note", "tried", "X"),
        ("subtask", "tried", "WP01", "T001", "done"),
        ("acknowledge", "tried", "WP01", "--reason", "X"),
        ("bind", "tried", "WP01", "implementer", "--to", "llm:stranger"),
    ],
)
def test_a_model_without_a_profile_changes_nothing(use: Use, words: tuple[str, ...]) -> None:
    use.begin(subtasks=[{"id": "T001", "title": "Do it"}])
    before = use("mission", "export", "tried").out
    assert use.refused("mission", *words, *STRANGER)["reason"] == "NOT_PERMITTED"
    assert use("mission", "export", "tried").out == before
    assert not (use.root / "missions/other").exists()
    unknown = use.refused("mission", *words, "--as", "llm:stranger,profile=nothing")
    assert unknown["reason"] == "DOCTRINE_MISSING"


def test_where_a_subtask_stands_is_said_by_the_holder_or_a_person(use: Use) -> None:
    use.begin(subtasks=[{"id": "T001", "title": "Do it"}])
    words = ("mission", "subtask", "tried", "WP01", "T001", "done")
    assert use.refused(*words, *WITH_A_PROFILE)["metadata"] == {"rule": "NOT_HOLDER"}
    use.claim()
    assert use.refused(*words, *WITH_A_PROFILE)["metadata"] == {"rule": "NOT_HOLDER"}
    assert use.done(*words, "--as", IMPLEMENTER)["event"]["effector"]["id"] == "agent-1"
    assert use.done(*words, "--as", "human:grace")["event"]["effector"]["id"] == "grace"
