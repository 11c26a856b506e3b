"""The official conformance suite against the real `dome mcp` with a real daemon, for both revisions."""

from collections.abc import Iterator

import pytest

from tests.e2e.dome_home import Home
from tests.mcp_conformance.baseline import Baseline, read_baseline
from tests.mcp_conformance.fixture_tools import EXPOSED, a_home_with_tools
from tests.mcp_conformance.http_face import an_http_face
from tests.mcp_conformance.official_suite import Checks, OfficialSuite, programs

REVISIONS = ("2025-11-25", "2026-07-28")
THEMES: dict[str, str | tuple[str, ...]] = {
    "tools": "tools-",
    "tasks": "tasks-",
    "questions": ("input-required-", "elicitation-"),
    "prompts": ("prompts-", "completion-"),
    "resources": ("resources-", "sep-2164-", "caching"),
}
PROTOCOL = "protocol"
ASKED = [(revision, theme) for revision in REVISIONS for theme in (*THEMES, PROTOCOL)]
ASKED.remove(("2025-11-25", "tasks"))  # an extension of the later one
AT_A_TIME = 2
AGAIN_MAX = 3


def theme_of(scenario: str) -> str:
    """What a scenario is about."""
    return next((theme for theme, prefix in THEMES.items() if scenario.startswith(prefix)), PROTOCOL)


@pytest.fixture(scope="module")
def suite() -> OfficialSuite:
    return OfficialSuite(programs())


@pytest.fixture(scope="module")
def home(suite: OfficialSuite) -> Iterator[Home]:
    with a_home_with_tools() as made:
        yield made


def surprises(found: Checks, expected: Baseline) -> dict[str, str]:
    """What the suite found otherwise than the baseline says, by scenario."""
    said = {}
    for scenario, failing in found.items():
        known = expected.failing.get(scenario, set())
        if scenario not in expected.not_judged and failing != known:
            said[scenario] = (
                f"fails and did not: {sorted(failing - known)}; did and does not: {sorted(known - failing)}"
            )
    return said


@pytest.mark.parametrize(("revision", "theme"), ASKED)
async def test_what_a_revision_requires_holds_or_is_expected_to_fail_for_a_reason(
    home: Home, suite: OfficialSuite, revision: str, theme: str
) -> None:
    expected = read_baseline(revision)
    scenarios = {each for each in suite.scenarios(revision) - expected.not_judged if theme_of(each) == theme}
    async with an_http_face(home, *EXPOSED) as url:
        found = await suite.run(url, revision, scenarios, at_a_time=AT_A_TIME)
        # Some checks allow half a second, which a busy machine may miss: what surprises is looked at once more, alone.
        again = surprises(found, expected)
        if len(again) <= AGAIN_MAX:
            found |= await suite.run(url, revision, again)
    assert {*found} == scenarios
    assert surprises(found, expected) == {}
    assert (home.root / "bridge.log").read_text() == ""


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_scenario_that_is_expected_to_fail_is_one_of_the_suite(suite: OfficialSuite, revision: str) -> None:
    scenarios = suite.scenarios(revision)
    assert {*read_baseline(revision).failing} <= scenarios
    assert {(revision, theme_of(scenario)) for scenario in scenarios} <= {*ASKED}


def test_a_check_is_expected_to_fail_only_for_a_reason() -> None:
    for revision in REVISIONS:
        expected = read_baseline(revision)
        assert expected.failing
        assert not {*expected.failing} & expected.not_judged


@pytest.mark.parametrize(
    ("found", "surprising"),
    [({"one": {"a"}}, []), ({"one": set()}, ["one"]), ({"one": {"a", "b"}}, ["one"]), ({"http": {"x"}}, [])],
)
def test_a_check_that_ends_otherwise_than_expected_is_a_surprise(found: Checks, surprising: list[str]) -> None:
    expected = Baseline({"one": {"a"}}, frozenset({"http"}))
    assert [*surprises(found, expected)] == surprising
