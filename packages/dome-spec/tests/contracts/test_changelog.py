"""A note finds its place in a changelog, once."""

import pytest

from dome_spec.contracts.baseline.changelog import holds, with_note

NOTE = (
    "Orders carry a size, which readers that were built before do not know, and which is therefore left out for them."
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "# Changelog\n\n## [Unreleased]\n\n### Changed\n\n- N\n"),
        ("# C\n\n## [0.1]\n\n- Old.\n", "# C\n\n## [Unreleased]\n\n### Changed\n\n- N\n\n## [0.1]\n\n- Old.\n"),
        (
            "# C\n\n## [Unreleased]\n\n### Changed\n\n- One.\n  More.\n\n### Fixed\n\n- Two.\n",
            "# C\n\n## [Unreleased]\n\n### Changed\n\n- One.\n  More.\n- N\n\n### Fixed\n\n- Two.\n",
        ),
        (
            "# C\n\n## [Unreleased]\n\n### Added\n\n- One.\n\n## [0.1]\n\n### Changed\n- Old.\n",
            "# C\n\n## [Unreleased]\n\n### Added\n\n- One.\n\n### Changed\n\n- N\n\n## [0.1]\n\n### Changed\n- Old.\n",
        ),
        ("## Unreleased\n\n### Changed\n", "## Unreleased\n\n### Changed\n\n- N\n"),
    ],
)
def test_a_note_stands_under_changed_of_what_is_not_released(text: str, expected: str) -> None:
    entry = "- Contracts, baseline moved for `a`: Said."
    assert with_note(text, ["a"], "Said.") == expected.replace("- N", entry)


def test_a_note_is_broken_into_lines_and_found_again_and_not_repeated() -> None:
    text = with_note("", ["a", "b"], NOTE)
    assert max(map(len, text.splitlines())) <= 120
    assert NOTE not in text
    assert holds(text, NOTE)
    assert with_note(text, ["c"], NOTE) == text


def test_many_families_are_counted() -> None:
    assert "for 9 families: Said." in with_note("", [f"f{number}" for number in range(9)], "Said.")
