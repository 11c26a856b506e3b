"""The class of the environment is that of the repository, whatever `dome` itself runs under."""

from pathlib import Path

import pytest

from dome_spec.commands.environment import environment_of

SETTINGS = ["home = /usr/bin\nversion = 3.9.1\n", "implementation = CPython\nversion_info = 3.9.1.final.0\n"]


def an_environment(root: Path, settings: str | None, *, name: str = ".venv") -> None:
    (root / name / "bin").mkdir(parents=True)
    (root / name / "bin" / "python").touch()
    if settings is not None:
        (root / name / "pyvenv.cfg").write_text(settings)


@pytest.mark.parametrize("name", [".venv", "venv"])
@pytest.mark.parametrize("settings", SETTINGS)
def test_a_repository_with_an_environment_is_of_the_class_of_its_python(
    tmp_path: Path, settings: str, name: str
) -> None:
    an_environment(tmp_path, settings, name=name)
    assert environment_of(tmp_path).endswith("-python3.9")


@pytest.mark.parametrize("settings", [None, "version = later\n", "\0\xff"])
def test_an_environment_that_does_not_say_its_python_has_none_in_its_class(
    tmp_path: Path, settings: str | None
) -> None:
    before = environment_of(tmp_path)
    an_environment(tmp_path, settings)
    assert environment_of(tmp_path) == before
    assert "python" not in before


def test_a_change_of_the_environment_is_seen_and_the_first_one_counts(tmp_path: Path) -> None:
    an_environment(tmp_path, "version = 3.9.1\n", name="venv")
    old = environment_of(tmp_path)
    an_environment(tmp_path, "version = 3.12.0\n")
    assert (old.rpartition("-")[2], environment_of(tmp_path).rpartition("-")[2]) == ("python3.9", "python3.12")
