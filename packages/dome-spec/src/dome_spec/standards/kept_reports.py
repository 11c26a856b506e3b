"""The standard reports of one repository, as files by their digests: what is known of its tools, and since when.

Nothing is ever changed or taken for more than it says: a report speaks of one tool in one version.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from dome_contracts.canonical import PREFIX, canonical_bytes, digest
from dome_contracts.schema.gates.standard_report import StandardReport
from dome_spec.kernel import micros, read_document
from dome_spec.kernel.durable import create_file, make_directory

_FOLDER: Final = "standard_reports"


class KeptReports:
    """The reports that are kept below the state directory of a repository."""

    def __init__(self, state_dir: Path) -> None:
        self._root = state_dir / _FOLDER

    def put(self, report: StandardReport) -> str:
        """Keep a report; its digest."""
        value = report.to_value()
        name = digest(value)
        folder = self._root / report.tool.tool_id
        make_directory(folder)
        create_file(folder / f"{name.removeprefix(PREFIX)}.json", canonical_bytes(value))
        return name

    def newest(self, tool_id: str, version: str | None = None) -> StandardReport | None:
        """The last report on a tool, on one version of it where that is named. Raises DocumentInvalid."""
        found = [each for each in self._reports(tool_id) if version in (None, each.tool.version)]
        return max(found, key=_order, default=None)

    def versions(self) -> Mapping[str, str]:
        """The version of each tool that was checked last. Raises DocumentInvalid."""
        tools = sorted(path.name for path in self._root.iterdir()) if self._root.is_dir() else []
        newest = {tool_id: self.newest(tool_id) for tool_id in tools}
        return {tool_id: report.tool.version for tool_id, report in newest.items() if report is not None}

    def _reports(self, tool_id: str) -> Iterator[StandardReport]:
        for path in sorted((self._root / tool_id).glob("*.json")):
            yield read_document(StandardReport, path.read_bytes())


def _order(report: StandardReport) -> tuple[int, str]:
    return micros(report.check_time), digest(report.to_value())
