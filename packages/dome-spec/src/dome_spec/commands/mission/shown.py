"""What a person shows for what they decide: words and files, kept as evidence."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from dome_spec.commands.mission.arguments import prose

if TYPE_CHECKING:
    from dome_contracts.schema.shared.definitions import EvidenceRef
    from dome_spec.commands.mission.opening import Opened


def add_shown(parser: ArgumentParser) -> None:
    """The two ways to show something."""
    parser.add_argument("--note", metavar="TEXT", type=prose, help="what was looked at; kept as evidence")
    parser.add_argument("--evidence", metavar="FILE", action="append", default=[], help="what there is to see")


def shown(arguments: Namespace, opened: "Opened") -> "tuple[EvidenceRef, ...]":
    """What was shown, each thing once; empty where nothing was."""
    from pathlib import Path

    from dome_contracts.schema.shared.definitions import EvidenceRef
    from dome_spec.binding import EvidenceStore

    data = [Path(each).read_bytes() for each in arguments.evidence]
    if arguments.note is not None:
        data.append(arguments.note.encode())
    store = EvidenceStore(opened.missions.infra.evidence_dir)
    kept = {each.digest: each for each in map(store.put, data)}
    return tuple(EvidenceRef(digest=each.digest, location=each.location) for each in kept.values())
