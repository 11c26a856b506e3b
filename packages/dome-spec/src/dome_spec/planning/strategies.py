"""The control strategies that hold where a repository has none of its own. They ship with the package."""

from functools import cache
from importlib.resources import files
from typing import Final

from dome_contracts.schema.control.control_strategies import ControlStrategies
from dome_spec.kernel import read_document
from dome_spec.kernel.yaml_text import read_yaml

FILE: Final = "default_strategies.yaml"


@cache
def default_strategies() -> ControlStrategies:
    """The shipped strategies."""
    return read_document(ControlStrategies, read_yaml(default_strategies_text().encode()))


def default_strategies_text() -> str:
    """The same as text, with what it says to people who write their own."""
    return files("dome_spec.planning").joinpath(FILE).read_text(encoding="utf-8")
