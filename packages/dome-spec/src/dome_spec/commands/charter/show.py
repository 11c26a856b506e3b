"""`dome charter show`: the charter, and what of the doctrine is active by it."""

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.mission_runtime import Missions

_EXAMPLES: Final = """\
  dome charter show              policies, and every document of the doctrine with its layer and whether it is active
  dome charter show --json | jq .charter.policies"""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    add_verb(verbs, "show", summary="Show the charter and the doctrine", examples=_EXAMPLES, run=_show)


def _show(arguments: Namespace, console: "Console") -> int:
    from dome_spec.commands.mission.opening import governed
    from dome_spec.commands.table import table
    from dome_spec.kernel.yaml_text import write_yaml

    del arguments
    missions = governed()
    charter, items = missions.charter, list(_items(missions))
    if console.as_json:
        console.record({"charter": charter.to_value(), "doctrine": items})
        return Exit.OK
    console.text(f"{charter.title}, version {charter.version}, adopted by {charter.adopted.accountable.id}")
    console.text(charter.purpose.strip())
    policies = charter.policies.to_value()
    if policies:
        console.text(f"\nPolicies:\n{write_yaml(policies).rstrip()}")
    heading = ("KIND", "ID", "VERSION", "LAYER", "ACTIVE", "TITLE")
    rows = [tuple(str(each[name.lower()]) for name in heading) for each in items]
    console.text("\n" + table([heading, *rows]))
    return Exit.OK


def _items(missions: "Missions") -> Iterator[dict[str, Any]]:
    """Every document of the doctrine."""
    from dome_spec.governance.doctrine import KINDS, is_active

    doctrine, activation = missions.doctrine, missions.charter.activation
    for kind in KINDS:
        for name in doctrine.ids(kind):
            document = doctrine.document((kind, name))
            yield {
                "kind": kind.value.replace("_", " "),
                "id": name,
                "version": document.version,
                "layer": doctrine.item((kind, name)).origin.layer.value.replace("_", " "),
                "active": "yes" if is_active(activation, (kind, name)) else "no",
                "title": document.title,
            }
