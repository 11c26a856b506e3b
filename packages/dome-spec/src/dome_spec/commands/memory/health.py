"""`dome memory health`: what there is, and what needs looking at."""

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.memory.opening import Opened
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome memory health          what is kept, under which policy, and what is put aside
  dome memory health --json   the same, for programs

`dome memory verify` recounts everything, which takes longer."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    add_verb(verbs, "health", summary="Say what is kept, and what needs looking at", examples=_EXAMPLES, run=_health)


def _health(_: Namespace, console: "Console") -> int:
    from dome_spec.commands.memory.opening import opened_for_asking

    with opened_for_asking(console) as opened:
        found = _found(opened)
    if console.as_json:
        console.record(found)
    else:
        console.text("\n".join(_lines(found)))
    return Exit.OK


def _found(opened: "Opened") -> dict[str, Any]:
    from dome_spec.binding import put_aside, rollout

    policy, infra = opened.policy.document, opened.infra
    is_there = opened.evidence is not None
    counts = dict(opened.memory.fact_counts())
    return {
        "repository_id": infra.repository_id,
        "root": str(infra.root),
        "memory": str(infra.memory_path) if is_there else None,
        "memory_bytes": infra.memory_path.stat().st_size if is_there else 0,
        "facts": sum(counts.values()),
        "facts_by_kind": counts,
        "quarantined": len(put_aside(opened.memory)),
        "evidence": sum(1 for _ in opened.evidence.digests()) if opened.evidence is not None else 0,
        "snapshot": opened.memory.snapshot_digest(),
        "policy": {"policy_id": policy.policy_id, "version": policy.version, "digest": opened.policy.digest},
        "binder_version": policy.binder_version,
        "fallback_mode": policy.default_fallback_mode.value,
        "stage": rollout(opened.memory, opened.policy).effective_stage.value,
    }


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield f"repository  {found['repository_id'] or 'has no id yet'} ({found['root']})"
    if found["memory"]:
        yield f"memory      {found['memory']} ({found['memory_bytes']} bytes)"
    kinds = ", ".join(f"{count} {kind}" for kind, count in found["facts_by_kind"].items())
    yield f"facts       {found['facts']}" + (f" ({kinds})" if kinds else "")
    yield f"evidence    {found['evidence']} pieces"
    aside = found["quarantined"]
    yield f"put aside   {aside}" + (": `dome memory quarantine list`" if aside else "")
    policy = found["policy"]
    binder, mode = found["binder_version"], found["fallback_mode"]
    yield f"policy      {policy['policy_id']} {policy['version']}, binder {binder}, {mode} mode"
    yield f"stage       {found['stage']}"
    yield f"snapshot    {found['snapshot']}"
