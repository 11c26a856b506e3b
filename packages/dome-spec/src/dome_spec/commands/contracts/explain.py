"""`dome contracts explain`: what a rule means, or how a comparison was reached."""

import json
from argparse import Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.contracts import comparing
from dome_spec.commands.contracts.verb import add_verb
from dome_spec.commands.verb import UsageWrong

if TYPE_CHECKING:
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome contracts explain                                     every rule, a line each
  dome contracts explain required.tightened                  one rule: what, an example, why, what to do
  dome contracts explain main . order                        how a family is judged between two sources
  dome contracts explain baseline contracts/jsonschema runtime/run_manifest"""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    parser = add_verb(
        verbs, "explain", summary="Explain a rule, or the comparison of one family", examples=_EXAMPLES, run=_explain
    )
    parser.add_argument(
        "subjects", metavar="RULE | OLD NEW FAMILY", nargs="*", help="a rule; or two sources and a family"
    )
    parser.add_argument("--direction", choices=comparing.DIRECTIONS, help="who must read whom")


def _explain(arguments: Namespace, console: "Console") -> int:
    match arguments.subjects:
        case []:
            return _rules(console)
        case [rule]:
            return _rule(rule, console)
        case [_, _, _]:
            return _pair(arguments, console)
        case _:
            raise UsageWrong("say a rule (`explain RULE`), or two sources and a family (`explain OLD NEW FAMILY`)")


def _rules(console: "Console") -> int:
    from dome_spec.contracts.report import rule_document, rules

    for each in rules():
        if console.as_json:
            console.record(rule_document(each))
        else:
            console.text(f"{each.id:<34} {each.verdict:<16} {each.what}")
    return Exit.OK


def _rule(rule_id: str, console: "Console") -> int:
    from dome_spec.contracts.catalogue import RuleUnknown
    from dome_spec.contracts.report import explain_rule, explanation_document, find_rule, rules

    rule = find_rule(rule_id)
    if rule is None:
        raise RuleUnknown(rule_id, [each.id for each in rules() if rule_id in each.id] or [each.id for each in rules()])
    _tell(explain_rule(rule), explanation_document(rule), console)
    return Exit.OK


def _tell(lines: Iterable[str], document: Any, console: "Console") -> None:
    console.text(json.dumps(document, ensure_ascii=False) if console.as_json else "\n".join(lines))


def _pair(arguments: Namespace, console: "Console") -> int:
    from dome_spec.contracts.catalogue import FamilyUnknown
    from dome_spec.contracts.check import Report, compare_pair
    from dome_spec.contracts.pairing import pairs
    from dome_spec.contracts.report import explain_pair, family_document, find_pair
    from dome_spec.contracts.sources import load

    old_word, new_word, family = arguments.subjects
    old = load(old_word, console.directory, beside=new_word, progress=console.progress)
    new = load(new_word, console.directory, beside=old_word, progress=console.progress)
    candidates = pairs(old, new)
    pair = find_pair(candidates, family, old, new)
    if pair is None:
        raise FamilyUnknown(family, [each.family for each in candidates])
    options = comparing.options(arguments, console)
    change = compare_pair(old, new, pair, options)
    report = Report((old,), new, (change,))
    _tell(explain_pair(report, change, options), family_document(report, change), console)
    return comparing.exit_code(report)
