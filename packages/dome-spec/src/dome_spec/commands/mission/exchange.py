"""`dome mission export` and `dome mission import`: a mission as lines, carried elsewhere and brought here."""

from argparse import Namespace
from typing import TYPE_CHECKING, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.mission.arguments import add_acting
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.mission.opening import Opened
    from dome_spec.commands.verb import Verbs

_EXPORT: Final = """\
  dome mission export parser > parser.jsonl       its documents and events; the same mission, the same bytes"""
_IMPORT: Final = """\
  dome mission import parser.jsonl                            what `dome mission export` wrote; nothing is kept twice
  dome mission import status.events.jsonl --upstream parser   the log of another project, into a finalised mission

Logs that went on apart are merged: two events that follow the same one are a fork, which is shown until somebody
acknowledges it. With `--upstream` each line is taken as it is or refused with a reason. Exit code 1: some were."""


def add(verbs: "Verbs") -> None:
    """Add both verbs."""
    export = add_verb(verbs, "export", summary="Write a mission as lines of JSON", examples=_EXPORT, run=_export)
    export.add_argument("mission", metavar="MISSION")
    taking = add_verb(verbs, "import", summary="Take in a mission that was exported", examples=_IMPORT, run=_import)
    taking.add_argument("file", metavar="FILE", help="the lines; `-` for standard input")
    taking.add_argument(
        "--upstream", metavar="MISSION", help="they are `status.events.jsonl`, of the packages of this one"
    )
    for parser in (export, taking):
        add_acting(parser)


def _export(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import reading
    from dome_spec.missions.exchange import export

    with reading(arguments) as opened:
        name = opened.missions.resolve(arguments.mission, opened.store)
        for line in export(opened.store, name.mission_id):
            console.data(line)
    return Exit.OK


def _import(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.memory.streams import input_of
    from dome_spec.commands.mission.opening import writing

    with input_of(arguments.file) as stream, writing(arguments, begins=not arguments.upstream) as opened:
        lines = stream.readlines()
        return _upstream(lines, arguments, opened, console) if arguments.upstream else _own(lines, opened, console)


def _own(lines: list[bytes], opened: "Opened", console: "Console") -> int:
    from dome_spec.commands.mission.words import counted
    from dome_spec.missions.exchange import read_log, take_in

    log = read_log(lines)
    count = take_in(opened.store, log)
    snapshot = opened.status(log.name.mission_id).snapshot
    dropped, orphans = len(snapshot.dropped), len(snapshot.orphans)
    if console.as_json:
        counts = {"events": len(log.events), "events_new": count, "events_dropped": dropped, "events_orphaned": orphans}
        console.record({"mission_id": log.name.mission_id, **counts})
        return Exit.OK
    console.text(f"{log.name.slug}: {count} of {len(log.events)} events are new.")
    if dropped:
        console.note(
            f"{counted(dropped, 'event')} lost against others: `dome mission show MISSION` marks them and says why"
        )
    if orphans:
        console.note(f"{counted(orphans, 'event')} without what came before: take in the rest of the log as well")
    return Exit.OK


def _upstream(lines: list[bytes], arguments: Namespace, opened: "Opened", console: "Console") -> int:
    from dome_spec.missions.exchange import import_upstream
    from dome_spec.missions.status import Batch, Stream

    status = opened.status(arguments.upstream)
    name = opened.missions.resolve(arguments.upstream, opened.store)
    known = {
        each.imported_from.digest
        for package in status.snapshot.packages
        for each in status.history(package)
        if each.imported_from is not None
    }
    found = import_upstream(
        lines,
        mission_id=name.mission_id,
        packages=status.snapshot.packages,
        table=status.standing.table,
        accountable=status.mission.accountable,
        known=known,
    )
    # What is taken in follows what was looked at; where another was quicker, it is asked for again.
    touched = (None, *sorted({each.subject.work_package_id for each in found.events if each.subject.work_package_id}))
    expected: dict[Stream, int] = {(name.mission_id, each): status.count(each) for each in touched}
    opened.store.append(Batch(events=tuple(found.events), expected=expected, name=name))
    if console.as_json:
        refused = [{"line": each.line, "reason": each.reason, "text": each.text} for each in found.refused]
        console.record(
            {"mission_id": name.mission_id, "taken": found.taken, "events": len(found.events), "refused": refused}
        )
    else:
        console.text(
            f"{name.slug}: {found.taken} lines taken as {len(found.events)} events, {len(found.refused)} refused."
        )
        for each in found.refused:
            console.note(f"line {each.line}: {each.reason}: {each.text}")
    return Exit.FAILED if found.refused else Exit.OK
