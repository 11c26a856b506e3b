"""The reports of tools that were checked, in a directory of their own: each a document, none ever changed.

Which one counts is the newest on the same tool: its id, and its digest or its version.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from dome_contracts.canonical import PREFIX, canonical_bytes, digest
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.gates.standard_report import ReportStatus, StandardReport, SubcheckStatus
from dome_spec.binding import Conformance
from dome_spec.kernel import DocumentInvalid, Refusal, micros, read_document
from dome_spec.kernel.durable import create_file, make_directory

FOLDER: Final = "standards"
_TOOL_ID: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*", re.ASCII)


class ReportDamaged(Refusal):
    """What is kept of a report cannot be read."""

    code = "REPORT_DAMAGED"


class NotChecked(Refusal):
    """Nobody has checked the tool here."""

    code = "NOT_CHECKED"
    exit_code = Exit.NOT_FOUND

    def __init__(self, tool_id: str) -> None:
        super().__init__(f"{tool_id} was never checked here", hint=f"`dome standard check {tool_id}` checks it")


def known_status(report: StandardReport) -> ReportStatus | None:
    """What a report says of its tool; None where it passed and nobody could check the effects that it declares."""
    effects = report.subchecks.side_effects
    # Where a report does not say that nothing was left unchecked, nobody knows it.
    is_unknown = effects.status is SubcheckStatus.NOT_APPLICABLE and effects.unverified != []
    return None if report.status is ReportStatus.PASS and is_unknown else report.status


class StandardReports:
    """The reports of one repository."""

    def __init__(self, state_dir: Path) -> None:
        self._directory = state_dir / FOLDER

    def keep(self, report: StandardReport) -> Path:
        """Keep a report; its file."""
        value = report.to_value()
        folder = self._directory / report.tool.tool_id
        make_directory(folder)
        name = f"{micros(report.check_time):020d}-{digest(value).removeprefix(PREFIX)}.json"
        create_file(folder / name, canonical_bytes(value))
        return folder / name

    def newest(self, tool_id: str, *, tool_digest: str = "", version: str = "") -> StandardReport | None:
        """The newest report on a tool, of this digest and version where they are given. Raises ReportDamaged."""
        for report in self._reports(tool_id):
            tool = report.tool
            if tool_digest in ("", tool.digest) and version in ("", tool.version):
                return report
        return None

    def status(self, tool_id: str, tool_digest: str) -> ReportStatus | None:
        """What the newest report says of the tool as it is; None where nobody has checked it, or could."""
        report = self.newest(tool_id, tool_digest=tool_digest)
        return None if report is None else known_status(report)

    def conformance(self, tool_id: str, version: str) -> Conformance:
        """What is known of a tool in a version. One that declares no determinism is known for that."""
        report = self.newest(tool_id, version=version)
        if report is None:
            return Conformance.UNKNOWN
        status = known_status(report)
        if status is None:
            return Conformance.UNKNOWN
        if status is not ReportStatus.PASS:
            return Conformance.NONCONFORMING
        is_told = report.subchecks.determinism.status is SubcheckStatus.PASS
        return Conformance.CONFORMS if is_told else Conformance.NONDETERMINISTIC

    def versions(self) -> Mapping[str, str]:
        """The version of each tool that was checked last. Raises ReportDamaged."""
        tools = sorted(path.name for path in self._directory.iterdir()) if self._directory.is_dir() else []
        newest = {tool_id: self.newest(tool_id) for tool_id in tools}
        return {tool_id: report.tool.version for tool_id, report in newest.items() if report is not None}

    def _reports(self, tool_id: str) -> Iterator[StandardReport]:
        """Of one tool, the newest first."""
        if _TOOL_ID.fullmatch(tool_id) is None:
            return
        for path in sorted((self._directory / tool_id).glob("[0-9]*.json"), reverse=True):
            try:
                yield read_document(StandardReport, path.read_bytes())
            except (OSError, DocumentInvalid) as error:
                raise ReportDamaged(
                    f"{path} cannot be read", why=str(error), hint="Remove it, and check anew"
                ) from error
