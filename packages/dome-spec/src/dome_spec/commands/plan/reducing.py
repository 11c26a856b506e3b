"""What `dome plan map-reduce` does: reads plan, schema and items, has it carried out, and tells what came of it."""

import asyncio
from argparse import Namespace
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from dome_contracts.canonical import digest_bytes
from dome_contracts.exit_codes import Exit
from dome_contracts.schema.patterns.map_reduce_plan import MapItem, MapReducePlan
from dome_spec.binding import EvidenceStore, FilesBeside, open_memory, repository_policy
from dome_spec.commands.environment import environment_of
from dome_spec.commands.plan.documents import read_value
from dome_spec.commands.plan.witness import Keeping
from dome_spec.commands.surroundings import here, this_process
from dome_spec.dispatch import Opening, UnqueuedRun
from dome_spec.kernel import Refusal, read_document, read_json
from dome_spec.patterns import MapReduce, Reduced
from dome_spec.planning import default_strategies

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.plan.run import Connect
    from dome_spec.commands.surroundings import Surroundings
    from dome_spec.dispatch import RuntimePlane

ITEM_BYTES_MAX: Final = 4 * 1024 * 1024


class ItemUnfit(Refusal):
    """An item's bytes are not there, are others than the plan names, or are too many."""

    code = "ITEM_UNFIT"
    exit_code = Exit.INVALID


async def map_reduce(arguments: Namespace, console: "Console", connect: "Connect") -> int:
    """Carry it out. Raises MapReduceRefused, ItemUnfit, DocumentInvalid."""
    scene = here()
    root = scene.infra().root
    plan = read_document(MapReducePlan, read_value(arguments.plan))
    contents = _contents(plan.items, FilesBeside(root))
    run_id = arguments.run_id or scene.ids.new("run")
    schema = read_value(arguments.schema)
    runtime = await connect()
    async with _keeping(scene, plan, run_id, runtime) as keeping:
        work = MapReduce(
            plan=plan,
            output_schema=schema,
            content=lambda item: contents[item.item_id],
            working_directory=str(root),
            run_id=run_id,
            repository_id=keeping.run.repository_id,
            witness=keeping,
        )
        try:
            reduced = await work.run(runtime)
        except asyncio.CancelledError:
            console.note(
                f"dome: interrupted; its jobs go on.\n  Go on with it: the same command with --run-id {run_id}"
            )
            raise
    _tell(reduced, run_id, console)
    return Exit.OK


@asynccontextmanager
async def _keeping(
    scene: "Surroundings", plan: MapReducePlan, run_id: str, runtime: "RuntimePlane"
) -> AsyncGenerator[Keeping, None]:
    """Who keeps what comes of it, in the memory of the repository."""
    infra = scene.infra().mint(scene.ids)
    policy = repository_policy(infra.root)
    opening = Opening(
        working_directory=str(infra.root),
        fallback_mode=policy.document.default_fallback_mode,
        binder_policy=policy.digest,
        environment_class=environment_of(infra.root),
        strategies=default_strategies(),
    )
    store_id = (await runtime.capabilities()).store_id
    run = UnqueuedRun.prepared(
        infra.runs_dir,
        run_id,
        plan.to_value(),
        repository_id=infra.state_dir.name,
        opening=opening,
        store=EvidenceStore(infra.evidence_dir),
        clock=scene.clock,
        ids=scene.ids,
        holder=this_process(),
    )
    memory = open_memory(infra.memory_path, policy)
    try:
        memory.append(run.begun())
        yield Keeping(run, plan, memory, runtime, store_id)
    finally:
        memory.close()


def _contents(items: Sequence[MapItem], files: FilesBeside) -> dict[str, bytes]:
    """The bytes of all items: looked at before anything is dispatched."""
    return {item.item_id: _content(item, files) for item in items}


def _content(item: MapItem, files: FilesBeside) -> bytes:
    pieces = files.find(item.content.location)
    data = bytearray()
    for piece in pieces or ():
        data += piece
        if len(data) > ITEM_BYTES_MAX:
            raise ItemUnfit(f"The item {item.item_id} has more than {ITEM_BYTES_MAX} bytes", hint="Split it")
    if pieces is None or digest_bytes(bytes(data)) != item.content.digest:
        why = "there is no such file" if pieces is None else "the file has another content"
        raise ItemUnfit(
            f"The item {item.item_id} is not at {item.content.location}",
            why=why,
            hint="Name it as it is now, by digest",
        )
    return bytes(data)


def _tell(reduced: Reduced, run_id: str, console: "Console") -> None:
    if console.as_json:
        console.record(
            {
                "run_id": run_id,
                "value": read_json(reduced.value),
                "items": list(reduced.item_ids),
                "quarantined": [
                    {"item_id": each.item_id, "job_id": each.job_id, "problems": list(each.problems)}
                    for each in reduced.quarantined
                ],
                "jobs": list(reduced.job_ids),
            }
        )
        return
    for each in reduced.quarantined:
        console.note(f"put aside  {each.item_id}  {each.problems[0]}  {each.job_id or 'no job'}")
    console.text(reduced.value.decode())
    console.note(f"{run_id}  of {len(reduced.item_ids)} items, {len(reduced.quarantined)} put aside")
