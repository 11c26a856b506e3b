"""The learning benchmark: worlds that follow from their seed, nulls that learn nothing, a shadow without effect."""

import ast
import json
from pathlib import Path

import pytest

from benchmarks.learning import world as world_module
from benchmarks.learning.__main__ import KEPT, main
from benchmarks.learning.contenders import ByChance, Retrying, contenders
from benchmarks.learning.real import causes_of, measured, rows
from benchmarks.learning.real import same_selection as same_selection_of
from benchmarks.learning.season import BEGAN, Season, season
from benchmarks.learning.summing import same_selection, summed
from benchmarks.learning.world import ANSWERS, NOTHING, Failure, Kind, a_world

PAGE = Path(__file__).parents[1] / "docs/explanation/learning-benchmark.md"
SEED = 11
COUNT = 50


@pytest.fixture(scope="module")
def seasons() -> dict[str, Season]:
    world = a_world(SEED, COUNT)
    return {name: season(name, contender, world) for name, contender in contenders(SEED).items()}


def test_the_world_knows_nothing_of_dome() -> None:
    tree = ast.parse(Path(world_module.__file__).read_text())
    names = [each.module or "" for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)]
    names += [alias.name for each in ast.walk(tree) if isinstance(each, ast.Import) for alias in each.names]
    assert [each for each in names if each.startswith(("dome", "benchmarks"))] == []


def test_a_world_follows_from_its_seed_and_misleads() -> None:
    assert a_world(SEED, COUNT) == a_world(SEED, COUNT) != a_world(SEED + 1, COUNT)
    world = a_world(SEED, 300)
    assert {each.kind for each in world.failures} == set(Kind)
    assert any(each.mends_itself for each in world.failures)
    hopeless = [each for each in world.failures if each.cause == NOTHING]
    assert not any(world.holds(each, answer, 1) for each in hopeless for answer in ANSWERS if not each.mends_itself)


def test_the_same_attempt_has_the_same_end_for_every_contender(seasons: dict[str, Season]) -> None:
    assert [each.failure for each in seasons["never"].attempted] == [
        each.failure for each in seasons["random"].attempted
    ]
    world = a_world(SEED, COUNT)
    asked = [(each, answer, 1) for each in world.failures for answer in ANSWERS]
    assert [world.holds(*each) for each in asked] == [world.holds(*each) for each in asked]


def test_shadow_tries_exactly_what_never_tries(seasons: dict[str, Season]) -> None:
    assert same_selection(list(seasons.values()))
    assert seasons["shadow"].selection == seasons["never"].selection != seasons["guided"].selection
    assert [seasons[name].prescribed[0] for name in ("never", "shadow", "guided")] == [0, 0, 0]


def test_what_is_learnt_saves_attempts_and_loses_no_mended_failure(seasons: dict[str, Season]) -> None:
    never = seasons["never"]
    for name in ("guided", "prescriptive"):
        assert seasons[name].attempts() < never.attempts()
        assert seasons[name].mended >= never.mended
        assert seasons[name].attempts(Kind.HOPELESS) == never.attempts(Kind.HOPELESS), (
            "what nothing mends costs the same"
        )


def test_a_prescription_that_did_not_hold_is_not_repeated(seasons: dict[str, Season]) -> None:
    used, in_vain = seasons["prescriptive"].prescribed
    assert used > in_vain > 0, "the world misleads, so that there is something to take back"
    assert seasons["prescriptive"].prescribed_again == 0


def test_the_nulls_learn_nothing_of_a_target() -> None:
    failure = Failure(1, "tests/test_1.py::test_it", Kind.STEADY, "revert", mends_itself=False)
    world = a_world(SEED, 1)
    for null in (ByChance(SEED), Retrying()):
        now = season("null", null, world).attempted  # a season changes nothing that a target could be told by
        assert now
        assert null.tries(failure, BEGAN) == null.tries(failure, BEGAN)


def test_the_report_has_the_seeds_and_every_attempt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "learning.json"
    assert main(["--seeds", "3", "--failures", "12", "--real", "0", "--json", str(report)]) == 0
    whole = json.loads(report.read_text())
    assert (whole["seeds"], whole["failures"], whole["shadow_is_never"]) == ([3], 12, True)
    assert {len(each["attempted"]) for each in whole["seasons"]} == {12}
    assert set(whole["figures"]) == {"never", "random", "always-retry", "shadow", "guided", "prescriptive"}
    assert "shadow tried exactly what never tried" in capsys.readouterr().out


def test_figures_are_medians_with_the_lowest_and_the_highest() -> None:
    found = summed(
        [Season("never", seed, season("x", ByChance(seed), a_world(seed, 10)).attempted, 0) for seed in (1, 2, 3)]
    )
    attempts = found["never"]["attempts"]
    assert attempts["lowest"] <= attempts["median"] <= attempts["highest"]
    assert found["never"]["attempts_saved"] == {"median": 0, "lowest": 0, "highest": 0}


def test_a_real_repository_fails_for_the_same_reasons_whoever_mends_it() -> None:
    assert causes_of(SEED, 40) == causes_of(SEED, 40) != causes_of(SEED + 1, 40)
    assert set(causes_of(SEED, 40)) == {"rule", "table"}


def test_the_page_quotes_the_figures_that_are_kept() -> None:
    kept, page = json.loads(KEPT.read_text()), PAGE.read_text()
    assert str(Path.home()) not in KEPT.read_text()
    assert "/tmp" not in KEPT.read_text()
    for row in rows(kept["real"]):
        assert row in page
    for name, each in kept["figures"].items():
        attempts = each["attempts"]
        middle, lowest, highest = (round(attempts[part]) for part in ("median", "lowest", "highest"))
        assert f"| {name} | {middle} ({lowest} to {highest}) |" in page


@pytest.mark.slow
def test_in_a_real_repository_advice_saves_attempts_and_the_shadow_stage_changes_nothing() -> None:
    seed = next(each for each in range(100) if causes_of(each, 3) == ["rule", "rule", "rule"])
    found = measured(3, seeds=[seed], contenders=("never", "shadow", "guided"))
    assert same_selection_of(found)
    figures = found["figures"]
    assert [figures[name]["attempts"] for name in figures] == [6, 6, 4]
    assert {each["mended"] for each in figures.values()} == {3}
