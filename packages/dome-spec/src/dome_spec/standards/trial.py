"""Runs a tool through the runtime port for a check, and writes down what was observed. Judges nothing.

Every run is a job like any other: what it was held to stands in its record. An input that the schema refuses is sent,
too, and has to be refused before there is a job.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from dome_contracts.canonical import NotCanonical, canonical_bytes
from dome_contracts.runtime.v1 import (
    Correlation,
    Enforcement,
    ExecuteConstraints,
    Job,
    JobState,
    Outcome,
    ToolDescriptor,
)
from dome_spec.binding import EvidenceStore
from dome_spec.dispatch import RuntimePlane, gather, read_story
from dome_spec.kernel import read_json
from dome_spec.kernel.yaml_text import NotYaml, read_yaml
from dome_spec.standards import generated
from dome_spec.standards.breaches import breaches, with_stranger
from dome_spec.standards.observed import Breach, Enforced, Observed, Origin, Refused, Run, Tried
from dome_spec.standards.place import Place
from dome_spec.standards.schema import accepts

RUN_TIMEOUT_S: Final = 300.0
"""Longest time of one run."""
LABEL: Final = "dome.standard"
"""Label of every job of a check."""
_SCHEMA_BYTES_MAX: Final = 4 * 1024 * 1024
_CANCELED: Final = "an input was accepted that its schema refuses"
_INTERRUPTED: Final = "the check was interrupted"
_INVALID: Final = "INVALID_REQUEST"
_OF_INPUT: Final = frozenset({_INVALID, "TOO_LARGE"})
"""Reasons of refusals that are about the input; any other is about the daemon or the tool, and ends the check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One check of one tool."""

    plane: RuntimePlane
    tool: ToolDescriptor
    place: Place
    store: EvidenceStore
    run_id: str
    given: Sequence[Tried] = ()
    """Inputs that somebody has named."""

    async def observe(self) -> Observed:
        """Everything. Raises what the calls raise, but for refusals of inputs."""
        input_schema, output_schema = (
            read_json(document or b"{}", bytes_max=_SCHEMA_BYTES_MAX)
            for document in (self.tool.input_schema_document, self.tool.output_schema_document)
        )
        inputs = self._inputs(input_schema)
        runs: list[Run] = []
        repeats: list[tuple[Run, Run]] = []
        for tried in inputs:
            if (first := await self._run(tried)) is None:
                continue
            runs.append(first)
            if first.succeeded and self.tool.deterministic and (again := await self._run(tried)) is not None:
                repeats.append((first, again))
        base = next((each.value for each in inputs if accepts(input_schema, each.value)), None)
        if base is None:
            base = generated.small_value(input_schema, input_schema)
        edge = [await self._refused(breach) for breach in breaches(input_schema, base)]
        return Observed(
            input_schema=input_schema,
            output_schema=output_schema,
            effects=_present(self.tool.effects),
            is_deterministic=self.tool.deterministic,
            volatile_fields=tuple(self.tool.volatile_fields),
            failure_reasons=manifest_reasons(Path(self.tool.location)),
            inputs=tuple(inputs),
            runs=tuple(runs),
            repeats=tuple(repeats),
            edge=tuple(edge),
            open_edge=accepts(input_schema, base) and accepts(input_schema, with_stranger(base)),
        )

    def _inputs(self, schema: Mapping[str, Any]) -> list[Tried]:
        """Those that the schema states, then those that were named; made ones for tools that declare to be harmless."""
        examples = schema.get("examples", [])
        found = [Tried(Origin.EXAMPLE, f"example {number}", value) for number, value in enumerate(examples, 1)]
        found += self.given
        hints = _present(self.tool.summary).hints
        if hints is not None and hints.read_only and hints.idempotent and not hints.open_world:
            known = {canonical_bytes(each.value) for each in found}
            made = [value for value in generated.inputs(schema) if canonical_bytes(value) not in known]
            found += [Tried(Origin.GENERATED, f"generated input {n}", value) for n, value in enumerate(made, 1)]
        return found

    async def _run(self, tried: Tried) -> Run | None:
        """One run from its request to its record, in the place as it was at first; None where it was refused."""
        self.place.renew()
        before = self.place.look()
        try:
            data = canonical_bytes(tried.value)
            job = await self._execute(data)
        except NotCanonical:
            return None
        except Exception as error:
            if getattr(error, "reason", None) != _INVALID:
                raise
            return None
        ended = await self._ended(job)
        changed = self.place.changed(before, self.place.look())
        members = await gather(self.plane, await read_story(self.plane, ended), self.store)
        outcome = ended.outcome or Outcome()
        return Run(
            tried=tried,
            job_id=ended.job_id,
            succeeded=ended.state is JobState.SUCCEEDED,
            failure_reason_code=outcome.failure_reason_code or "NONE",
            message=outcome.message,
            exit_code=outcome.exit_code,
            result=outcome.result,
            enforced=_enforced(ended),
            changed=changed,
            evidence=tuple(member.evidence for member in members),
        )

    async def _refused(self, breach: Breach) -> Refused:
        """What becomes of an input that its schema refuses. One that is accepted is ended at once."""
        try:
            job = await self._execute(canonical_bytes(breach.value))
        except Exception as error:
            reason = getattr(error, "reason", None)
            if reason not in _OF_INPUT:
                raise
            return Refused(breach, str(reason), "")
        await self.plane.cancel(job.job_id, reason=_CANCELED)
        await self._ended(job)
        return Refused(breach, "", job.job_id)

    async def _execute(self, data: bytes) -> Job:
        summary = _present(self.tool.summary)
        return await self.plane.execute(
            summary.tool_id,
            data,
            tool_digest=summary.tool_digest,
            working_directory=str(self.place.directory),
            constraints=ExecuteConstraints(deadline=timedelta(seconds=RUN_TIMEOUT_S)),
            labels={LABEL: summary.tool_id},
            correlation=Correlation(run_id=self.run_id),
        )

    async def _ended(self, job: Job) -> Job:
        try:
            async with aclosing(self.plane.events(job.job_id)) as events:
                async for _ in events:
                    pass
        except asyncio.CancelledError:
            await self.plane.cancel(job.job_id, reason=_INTERRUPTED)
            raise
        return await self.plane.status(job.job_id)


def manifest_reasons(location: Path) -> Mapping[int, str]:
    """The failure reasons of the manifest by exit code; none where the manifest cannot be read from here."""
    try:
        value = read_yaml((location / "tool.yaml").read_bytes())
    except (OSError, NotYaml):
        return {}
    stated = value.get("failure_reasons") if isinstance(value, dict) else None
    if not isinstance(stated, dict):
        return {}
    return {int(code): str(reason) for code, reason in stated.items() if str(code).isdecimal()}


def _enforced(job: Job) -> Enforced | None:
    held = job.provenance.effects_enforcement if job.provenance is not None and job.start_time is not None else None
    if held is None:
        return None
    return Enforced(
        filesystem=held.filesystem is Enforcement.ENFORCED,
        network=held.network is Enforcement.ENFORCED,
        processes=held.processes is Enforcement.ENFORCED,
    )


def _present(part: Any) -> Any:
    if part is None:
        raise ValueError("the description of a tool lacks a part that it must have")
    return part
