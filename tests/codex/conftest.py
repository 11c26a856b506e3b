from collections.abc import Iterator

import pytest

from tests.codex.codex_cli import Codex, program
from tests.codex.scripted_model import ScriptedModel, a_model
from tests.e2e.dome_home import Home, a_home

OUTSIDE_OF_TMP = "/var/tmp"
"""A codex whose home is in the directory for temporary files has no sandbox, and may write there in any case."""


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    program()
    with a_home(inside=OUTSIDE_OF_TMP) as made:
        (made.work / "notes.txt").write_text("first\nfind me\n")
        yield made


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    with a_model() as made:
        yield made


@pytest.fixture
def codex(home: Home, model: ScriptedModel) -> Codex:
    """Codex, into whose configuration its user has entered Dome."""
    made = Codex(home, model)
    made.install()
    return made
