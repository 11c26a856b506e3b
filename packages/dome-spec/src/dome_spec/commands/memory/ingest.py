"""`dome memory ingest`: take in documents, from a file, from standard input or from the daemon."""

from argparse import Namespace
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.memory.identifiers import counted, short
from dome_spec.commands.memory.streams import directory_of, input_of, known_family, size_of
from dome_spec.commands.verb import UsageWrong, add_verb

if TYPE_CHECKING:
    from dome_spec.binding import Taken
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.kernel import Runtime

_DIFFERING_SHOWN: Final = 5
_EXAMPLES: Final = """\
  dome memory ingest wrappers.jsonl                          one document a line; evidence beside the file is copied
  producer | dome memory ingest -                            from standard input; evidence is looked for here
  dome memory ingest one.jsonl --family gates/gate_decision  where a document does not show which family it is of
  dome memory ingest --runtime                               the jobs of this repository that the daemon remembers
  dome memory ingest --runtime --follow                      and those that come, until Ctrl-C

Taken in are facts, wrappers, guard evaluations, transition records, gate decisions and evidence capsules. What is
invalid is put aside with its faults, and the rest is taken in. The same documents may be taken in again, in any order:
nothing is kept twice, so an interrupted ingest is finished by giving the same command again.
Exit code 1: something was put aside, says something else than what is kept under its name, or is of a run that is
damaged; the rest is taken in. 130: interrupted, and what was committed stays."""


def add(verbs: "Verbs", runtime: "Callable[[], Awaitable[Runtime]]") -> None:
    """Add the verb."""

    def run(arguments: Namespace, console: "Console") -> int | Awaitable[int]:
        return _ingest(arguments, console, runtime)

    parser = add_verb(verbs, "ingest", summary="Take in what happened", examples=_EXAMPLES, run=run)
    parser.add_argument("file", metavar="FILE", nargs="?", help="documents, one a line; `-` for standard input")
    parser.add_argument(
        "--family", metavar="NAME", default="", help="family of the documents (default: as they show it)"
    )
    parser.add_argument("--runtime", action="store_true", help="take in what the daemon has run in this repository")
    parser.add_argument("--follow", action="store_true", help="with --runtime: go on until interrupted")


def _ingest(
    arguments: Namespace, console: "Console", runtime: "Callable[[], Awaitable[Runtime]]"
) -> int | Awaitable[int]:
    if bool(arguments.file) == arguments.runtime:
        raise UsageWrong("name a file (`-` for standard input), or say --runtime")
    if arguments.runtime:
        if arguments.family:
            raise UsageWrong("--family goes with a file")
        from dome_spec.commands.memory.following import read_runtime

        return read_runtime(console, runtime, is_following=arguments.follow)
    if arguments.follow:
        raise UsageWrong("--follow goes with --runtime")
    known_family(arguments.family)
    return _take(arguments.file, arguments.family, console)


def _take(file: str, family: str, console: "Console") -> int:
    from dome_spec.binding import Door, FilesBeside, Taken, read_lines
    from dome_spec.commands.memory.opening import opened_for_keeping

    taken = Taken()
    with input_of(file) as stream, opened_for_keeping() as (opened, evidence):
        size_bytes = size_of(stream)
        door = Door(
            opened.memory,
            evidence,
            repository_id=opened.infra.state_dir.name,
            clock=opened.surroundings.clock,
            finder=FilesBeside(directory_of(file)),
        )
        try:
            for taken in door.take(read_lines(stream), family=family):
                console.progress(_progress(taken, size_bytes))
        except KeyboardInterrupt:
            _show(taken, console)
            console.note("Interrupted. What is counted here is kept; the same command takes in the rest.")
            return Exit.INTERRUPTED
    _show(taken, console)
    return Exit.FAILED if taken.quarantined or taken.facts_differing else Exit.OK


def _progress(taken: "Taken", size_bytes: int) -> str:
    share = f" ({100 * taken.bytes_read // size_bytes} %)" if size_bytes else ""
    return f"{taken.documents} documents{share}, {taken.quarantined} put aside"


def _show(taken: "Taken", console: "Console") -> None:
    if console.as_json:
        console.record(
            {
                "documents": taken.documents,
                "accepted": taken.accepted,
                "quarantined": taken.quarantined,
                "causes": dict(taken.causes),
                "facts_new": taken.facts_new,
                "facts_known": taken.facts_known,
                "facts_differing": taken.facts_differing,
                "differing": list(taken.differing),
            }
        )
        return
    known = f", {taken.facts_known} known already" if taken.facts_known else ""
    console.text(f"{counted(taken.documents, 'document')}: {counted(taken.facts_new, 'new fact')}{known}.")
    if taken.facts_differing:
        console.note(_differing(taken))
    if taken.quarantined:
        causes = ", ".join(f"{count} {cause}" for cause, count in taken.causes)
        console.note(f"{taken.quarantined} put aside ({causes}). Why: `dome memory quarantine list`.")


def _differing(taken: "Taken") -> str:
    named = ", ".join(map(short, taken.differing[:_DIFFERING_SHOWN]))
    more = taken.facts_differing - min(taken.facts_differing, _DIFFERING_SHOWN)
    return (
        f"{counted(taken.facts_differing, 'known fact')} came with another content, and what was kept first stays: "
        f"{named}{f' and {more} more' if more else ''}. One source says one thing: `dome memory export` shows what is "
        "kept; a writer that corrects itself has to tell of another event."
    )
