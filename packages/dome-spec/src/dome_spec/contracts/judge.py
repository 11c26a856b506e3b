"""The engine as the checks see it: a port of two methods, and the one that is used."""

from collections.abc import Mapping
from typing import Any, Protocol

from dome_spec.contracts.compatibility import Comparison, Direction


class Judge(Protocol):
    """Says what a change does to readers. Pure."""

    def parse(self, document: Any, resources: Mapping[str, Any]) -> Any:
        """A schema that can be compared; resources are the documents it refers to. Raises SchemaRefused."""
        ...

    def compare(self, old: Any, new: Any, direction: Direction) -> Comparison:
        """The verdict on two parsed schemas."""
        ...


class EngineJudge:
    """The compatibility engine."""

    def parse(self, document: Any, resources: Mapping[str, Any]) -> Any:
        from dome_spec.contracts.compatibility import parse

        return parse(document, resources=resources)

    def compare(self, old: Any, new: Any, direction: Direction) -> Comparison:
        from dome_spec.contracts.compatibility import compare

        return compare(old, new, direction=direction)
