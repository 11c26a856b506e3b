"""Examples of every schema family, good and bad, and what is wrong with them: a gate calls `check`.

`contracts/examples/<context>/<family>/valid/*.json` are documents that the family accepts. Those in `invalid/` are
`{"breaks": "<keyword>: <what>", "document": ...}`: refused, by that keyword. The valid examples are also spoilt in
every way that their schema's `type`, `required`, `additionalProperties`, `enum` and `const` forbid, each way once;
each spoilt one must be refused. Both validators have to agree, formats asserted.

`python -m ci.examples FILE...` judges the families that these files belong to; with `--staged` also those of the files
that the commit to come changes or takes away.
"""

import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema  # type: ignore[import-untyped]
import jsonschema_rs
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from ci.example_mutations import Rule, mutations
from ci.gates.finding import Finding
from ci.gates.reading import Unreadable, json_at
from ci.staged import staged

SCHEMAS: Final = Path("contracts/jsonschema")
EXAMPLES: Final = Path("contracts/examples")
SHARED: Final = "shared"
VALID_MIN: Final = 3
ADD: Final = f"Add files to {EXAMPLES}/<context>/<family>."

FAST: Final = "jsonschema-rs"

Keywords = Callable[[Any], Iterator[str]]
Contract = tuple[dict[str, Any], list[dict[str, Any]]]


def check(root: Path, changed: Collection[str] | None = None) -> list[Finding]:
    """The findings in the examples of a repository; with `changed`, of the families that these files belong to.

    Raises Unreadable for a file that is no JSON.
    """
    paths = sorted((root / SCHEMAS).glob("*/v*/*.json"))
    documents = {path: json_at(root, path) for path in paths}
    families = {path: schema for path, schema in documents.items() if path.parts[-3] != SHARED}
    known = [schema for schema in documents.values() if "$id" in schema]
    judged: set[Rule] = set()
    asked = {path: schema for path, schema in families.items() if changed is None or _is_touched(path, changed)}
    found = [finding for path, schema in asked.items() for finding in _family(root, path, (schema, known), judged)]
    return [*found, *_strangers(root, {(path.parts[-3], path.stem) for path in families})]


def _is_touched(path: Path, changed: Collection[str]) -> bool:
    """Whether one of the files is the schema of a family, or an example of it."""
    schema, folder = path.as_posix(), f"{EXAMPLES}/{path.parts[-3]}/{path.stem}/"
    return any(schema.endswith(f"/{each}") or folder in f"/{each}" for each in changed)


def _strangers(root: Path, families: set[tuple[str, str]]) -> Iterator[Finding]:
    for path in sorted((root / EXAMPLES).glob("*/*/")):
        if path.parts[-2:] not in families:
            yield Finding(_place(root, path), "these are examples of no family", "Remove them or correct the name.")


def _family(root: Path, path: Path, contract: Contract, judged: set[Rule]) -> Iterator[Finding]:
    """`judged` are the rules of all families so far: the reference is slow, and is asked once about each."""
    schema, known = contract
    folder = root / EXAMPLES / path.parts[-3] / path.stem
    try:
        judges = {"jsonschema": _reference(schema, known), FAST: _acceptance(schema, known)}
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        said = f"no example can be judged by it: {str(error).splitlines()[0]}"
        yield Finding(_place(root, path), said, "Correct the schema; `dome contracts check` names the line.")
        return
    valid, invalid = (sorted((folder / kind).glob("*.json")) for kind in ("valid", "invalid"))
    if len(valid) < VALID_MIN or not invalid:
        said = f"{len(valid)} valid and {len(invalid)} invalid examples; at least {VALID_MIN} and 1 are needed"
        yield Finding(_place(root, folder), said, ADD)
    seen: set[Rule] = set()
    for example in valid:
        document = json_at(root, example)
        for name, keywords in judges.items():
            if broken := set(keywords(document)):
                said = f"{name} refuses it by {', '.join(sorted(broken))}"
                yield Finding(_place(root, example), said, "Correct the example, or the schema.")
        for what, spoilt, rule in mutations(document, schema, known, seen):
            asked = {name: judge for name, judge in judges.items() if name == FAST or rule not in judged}
            judged.add(rule)
            for name in (name for name, keywords in asked.items() if next(keywords(spoilt), None) is None):
                yield Finding(_place(root, example), f"{name} accepts it with {what}", "Tighten the schema.")
    for example in invalid:
        yield from _invalid(_place(root, example), json_at(root, example), judges)


def _invalid(place: str, example: Any, judges: dict[str, Keywords]) -> Iterator[Finding]:
    if not isinstance(example, dict) or set(example) != {"breaks", "document"}:
        yield Finding(place, "it is not {breaks, document}", "Write the rule and the document that breaks it.")
        return
    keyword, colon, what = str(example["breaks"]).partition(": ")
    if not colon or not what:
        yield Finding(place, "`breaks` is not `<keyword>: <what>`", "Name the rule, such as `required: hints`.")
        return
    for name, keywords in judges.items():
        if (broken := set(keywords(example["document"]))) != {keyword}:
            said = f"{name} refuses it by {', '.join(sorted(broken)) or 'nothing'}, not by {keyword} alone"
            yield Finding(place, said, "Let the document break exactly the rule that is named.")


def _reference(schema: dict[str, Any], known: list[dict[str, Any]]) -> Keywords:
    registry: Registry[Any] = Registry().with_resources((one["$id"], DRAFT202012.create_resource(one)) for one in known)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validator = jsonschema.Draft202012Validator(schema, registry=registry, format_checker=checker)
    return lambda document: (str(error.validator) for error in validator.iter_errors(document))


def _acceptance(schema: dict[str, Any], known: list[dict[str, Any]]) -> Keywords:
    registry = jsonschema_rs.Registry([(one["$id"], one) for one in known])
    validator = jsonschema_rs.Draft202012Validator(schema, registry=registry, validate_formats=True, offline=True)
    return lambda document: (str(error.schema_path[-1]) for error in validator.iter_errors(document))


def _place(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def main() -> int:
    """Judge the families that the files of the command line belong to. 1 if there are findings."""
    files = [each for each in sys.argv[1:] if each != "--staged"]
    try:
        found = check(Path.cwd(), [*files, *(staged(Path.cwd()) if "--staged" in sys.argv else ())])
    except Unreadable as error:
        found = [error.finding]
    print("".join(f"{each}\n" for each in found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
