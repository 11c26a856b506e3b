"""`dome contracts show FAMILY|FILE`: one contract, with its row and its examples."""

import json
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.contracts.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs
    from dome_spec.contracts.catalogue import View

_EXAMPLES: Final = """\
  dome contracts show runtime/run_manifest             the schema, its row in the registry, its examples
  dome contracts show RunManifest --at HEAD~3          by title, as it was
  dome contracts show dome.runtime.v1.JobEvent         a message of the wire
  dome contracts show schemas/order.json --resolved    self-contained: what it refers to is inside
  dome contracts show runtime/run_manifest --json | jq .schema"""
_EXAMPLE_CHARACTERS_MAX: Final = 160


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(verbs, "show", summary="Show one contract with its examples", examples=_EXAMPLES, run=_show)
    parser.add_argument(
        "family", metavar="FAMILY|FILE", help="family, title, `$id` or file of a schema; name of a message"
    )
    parser.add_argument("--at", metavar="REF", default="", help="as it was in a revision")
    parser.add_argument("--resolved", action="store_true", help="self-contained, in the dialect 2020-12")


def _show(arguments: Namespace, console: "Console") -> int:
    from dome_spec.contracts.catalogue import view

    found = view(arguments.family, console.directory, revision=arguments.at)
    schema = _schema(found, resolved=arguments.resolved)
    if console.as_json:
        console.record(_document(found, schema))
    else:
        console.text("\n".join(_lines(found, schema)))
    return Exit.OK


def _schema(found: "View", *, resolved: bool) -> Any:
    from dome_spec.contracts.compatibility import parse
    from dome_spec.contracts.sources import resources

    if found.schemas is None:
        return None
    document = found.schemas.document(found.path)
    return parse(document, resources=resources(found.schemas, found.path)).document if resolved else document


def _document(found: "View", schema: Any) -> dict[str, Any]:
    return {
        "family": found.family,
        "origin": found.origin,
        "registry": found.row._asdict() if found.row is not None else None,
        "schema": schema,
        "proto": found.proto or None,
        "examples": [
            {"path": each.path, "is_valid": each.is_valid, "document": each.document} for each in found.examples
        ],
    }


def _lines(found: "View", schema: Any) -> Iterator[str]:
    yield f"{found.family}  ({found.origin})"
    if found.row is not None:
        fields = {name: value for name, value in found.row._asdict().items() if name != "family" and value}
        width = max(map(len, fields)) + 1
        yield from (f"  {name + ':':<{width}} {_one_line(value)}" for name, value in fields.items())
    yield ""
    yield found.proto if found.schemas is None else json.dumps(schema, indent=2, ensure_ascii=False)
    for is_valid, title in ((True, "examples that it accepts"), (False, "examples that it refuses")):
        shown = [each for each in found.examples if each.is_valid is is_valid]
        if shown:
            yield f"\n{title}:"
            yield from (f"  {each.path}\n    {_cut(json.dumps(each.document, ensure_ascii=False))}" for each in shown)


def _one_line(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= _EXAMPLE_CHARACTERS_MAX else f"{text[:_EXAMPLE_CHARACTERS_MAX]}..."
