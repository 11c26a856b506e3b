"""What the gates are given in the end: the change itself, as a difference and as a list of files."""

from dataclasses import replace
from typing import Final

from dome_contracts.schema.planning.packet import EvidenceRequirement, Packet
from dome_contracts.schema.planning.plan import Layer
from dome_contracts.schema.shared.definitions import ActionKind, Scope, Target, TargetKind
from dome_spec.planning.compose.primitives import Links, Primitive, requirement
from dome_spec.planning.evidence import OF_THE_CHANGE
from dome_spec.planning.skills import RUN

_GIT: Final = ("git", "--no-optional-locks", "-c", "color.ui=false", "-c", "core.quotePath=true")
"""Git as a reader: it takes no lock, and nothing of the repository is run."""
_DIFF: Final = """set -eu
. "$DOME_TOOL_SH"
git() { command git --no-optional-locks -c color.ui=false -c core.quotePath=true "$@"; }
own=$(git rev-parse --git-path index)
[ ! -f "$own" ] || cp "$own" "$DOME_SCRATCH/index"
export GIT_INDEX_FILE="$DOME_SCRATCH/index"
git add --intent-to-add .
git diff --no-ext-diff --no-textconv --patch "$1" -- > "$DOME_SCRATCH/change.diff"
cat "$DOME_SCRATCH/change.diff"
dome_artifact change.diff "$DOME_SCRATCH/change.diff" text/x-diff
"""
"""The difference, with files that git does not know yet: they are entered into an index of its own. It is handed over
as a file, and that makes it evidence of what changed."""
_LISTING: Final = ("status", "--porcelain=v1", "--untracked-files=all")


def concluding(packet: Packet, links: Links) -> tuple[Primitive, ...]:
    """The change, for gates and for the people who judge what no check decides."""
    judged = tuple(each for each in packet.criteria if each.check is None)
    because = ["Gates judge the change by what it is."]
    because += [f"A person decides {each.criterion_id}, and has to see the change." for each in judged]
    difference = _input(
        "difference",
        ["sh", "-c", _DIFF, "sh", packet.repository.base_commit],
        links,
        goal="The change against the base commit is recorded.",
        because=because,
    )
    listing = _input(
        "listing",
        [*_GIT, *_LISTING],
        links,
        goal="Every changed file is listed, with those that git does not know yet.",
        because=["It is the whole at a glance: what changed, and what git does not know yet."],
    )
    return (replace(difference, criteria=judged, evidence=evidence_of(packet), bounds=packet.constraints), listing)


def evidence_of(packet: Packet) -> tuple[EvidenceRequirement, ...]:
    """Evidence that is asked for where the change is recorded, each requirement once."""
    asked = [each for each in packet.required_evidence if each.check is None and each.kind in OF_THE_CHANGE]
    return tuple(each for index, each in enumerate(asked) if each not in asked[:index])


def _input(name: str, argv: list[str], links: Links, *, goal: str, because: list[str]) -> Primitive:
    return Primitive(
        name=f"gate_inputs/{name}",
        layer=Layer.GATE_INPUTS,
        target=Target(kind=TargetKind.ARTIFACT, id=name),
        action=ActionKind.RETRIEVE,
        goal=goal,
        skill=requirement(RUN),
        tool_input={"argv": argv},
        because=tuple(because),
        scope=Scope.RUN,
        gates=("scope-of-change",),
        links=links,
    )
