"""Checks a tool: makes the place, runs the trial, keeps report and evidence. What follows is told by an exit code."""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.canonical import canonical_bytes
from dome_contracts.exit_codes import Exit
from dome_contracts.runtime.v1 import ToolSummary
from dome_contracts.schema.gates.standard_report import CheckedTool, ReportStatus, StandardReport
from dome_contracts.schema.shared.definitions import EvidenceRef, VersionContext
from dome_spec.binding import EvidenceStore
from dome_spec.commands.environment import environment_of
from dome_spec.commands.standard.words import report_lines
from dome_spec.commands.surroundings import Surroundings, here
from dome_spec.kernel import NotJson, Refusal, read_json, timestamp
from dome_spec.standards import (
    Checked,
    Origin,
    Place,
    StandardReports,
    Trial,
    Tried,
    judged,
    observation,
    report_of,
    scratch,
    spared,
)

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.standard.check import Connect
    from dome_spec.dispatch import RuntimePlane

_JSON: Final = "application/json"
_INPUT_BYTES_MAX: Final = 16 * 1024 * 1024


class InputNotJson(Refusal):
    """A file that was named as an input is no JSON."""

    code = "INPUT_NOT_JSON"
    exit_code = Exit.INVALID


async def check_tool(arguments: Namespace, console: "Console", connect: "Connect") -> int:
    """Check a tool, and tell what was found."""
    given = [_tried(path) for path in arguments.input]
    scene = here()
    infra = scene.infra().mint(scene.ids)
    check = _Check(scene, await connect(), EvidenceStore(infra.evidence_dir), scene.ids.new("run"), given)
    if arguments.directory is not None:
        report = await check.report(arguments.tool, spared((scene.directory / arguments.directory).resolve()))
    else:
        with scratch(infra.state_dir / "scratch" / check.run_id) as place:
            report = await check.report(arguments.tool, place)
    StandardReports(infra.state_dir).keep(report)
    if console.as_json:
        console.record(report.to_value())
    else:
        console.text("\n".join(report_lines(report)))
    return Exit.OK if report.status is ReportStatus.PASS else Exit.FAILED


@dataclass(frozen=True, slots=True)
class _Check:
    """One use of the command."""

    scene: Surroundings
    plane: "RuntimePlane"
    store: EvidenceStore
    run_id: str
    given: Sequence[Tried]

    async def report(self, tool_id: str, place: Place) -> StandardReport:
        """Run the tool in this place, and judge what was observed."""
        tool = await self.plane.tool(tool_id, working_directory=str(place.directory))
        trial = Trial(plane=self.plane, tool=tool, place=place, store=self.store, run_id=self.run_id, given=self.given)
        observed = await trial.observe()
        found = judged(observed)
        evidence = {name: self._kept(observation(name, each, observed)) for name, each in found.items()}
        return report_of(self._checked(tool.summary or ToolSummary(), place), found, evidence)

    def _checked(self, summary: ToolSummary, place: Place) -> Checked:
        here = environment_of(place.directory)
        versions = {"tools": {summary.tool_id: summary.version}, "schemas": {}, "environment_class": here}
        return Checked(
            tool=CheckedTool(tool_id=summary.tool_id, version=summary.version, digest=summary.tool_digest),
            run_id=self.run_id,
            versions=VersionContext.from_value(versions),
            check_time=timestamp(self.scene.clock.now()),
        )

    def _kept(self, observed: Mapping[str, Any]) -> EvidenceRef:
        kept = self.store.put(canonical_bytes(dict(observed)))
        return EvidenceRef(digest=kept.digest, location=kept.location, media_type=_JSON)


def _tried(path: Path) -> Tried:
    try:
        value = read_json(path.read_bytes(), bytes_max=_INPUT_BYTES_MAX)
    except NotJson as error:
        raise InputNotJson(f"{path} is no JSON", why=error.what, hint=error.remedy) from error
    return Tried(Origin.FILE, f"input {path.name}", value)
