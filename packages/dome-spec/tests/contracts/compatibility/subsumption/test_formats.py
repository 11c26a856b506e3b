"""What is claimed about formats, held against the validator that asserts them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dome_spec.contracts.compatibility.strings import StringQuestion, several
from dome_spec.contracts.compatibility.subsumption.formats import FORMATS, NEAR_MISSES
from dome_spec.contracts.compatibility.subsumption.judging import conforms, matches
from tests.suite import tried

PLAIN = st.characters(codec="ascii", exclude_categories=["Cc"])


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_asserted_and_its_samples_have_it(name: str) -> None:
    assert all(conforms(name, sample) for sample in FORMATS[name].samples)
    assert any(not conforms(name, text) for text in NEAR_MISSES)


@pytest.mark.parametrize("name", ["color", "int32", "password", "byte", "uuid4", "cron", ""])
def test_other_names_assert_nothing(name: str) -> None:
    assert all(conforms(name, text) for text in NEAR_MISSES)


@pytest.mark.parametrize("name", [name for name, known in FORMATS.items() if known.kernel])
def test_what_the_kernel_matches_has_the_format(name: str) -> None:
    kernel = FORMATS[name].kernel
    assert kernel is not None

    @settings(max_examples=tried(60, few=20), suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    @given(st.from_regex(kernel, fullmatch=True, alphabet=PLAIN))
    def holds(text: str) -> None:
        assert conforms(name, text)

    holds()
    assert all(conforms(name, text) for text in several(StringQuestion(frozenset({kernel})), 40))


@pytest.mark.parametrize("name", [name for name, known in FORMATS.items() if known.shape])
def test_what_has_the_format_matches_the_shape(name: str) -> None:
    shape = FORMATS[name].shape
    assert shape is not None

    @settings(max_examples=tried(150, few=50), suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    @given(st.sampled_from(FORMATS[name].samples), st.data())
    def holds(sample: str, data: st.DataObject) -> None:
        for _ in range(data.draw(st.integers(0, 3))):
            at = data.draw(st.integers(0, len(sample)))
            sample = sample[:at] + data.draw(st.text(max_size=2)) + sample[at + data.draw(st.integers(0, 1)) :]
        assert matches(shape, sample) or not conforms(name, sample)

    holds()


@pytest.mark.parametrize("name", FORMATS)
def test_an_included_format_is_one(name: str) -> None:
    for included in FORMATS[name].includes:
        assert all(conforms(name, sample) for sample in FORMATS[included].samples)
