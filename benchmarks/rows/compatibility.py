"""Row `compatibility`: what an author waits for when many schemas are compared."""

import importlib.util
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

import jsonschema_rs

from benchmarks.figures import Contender, Metric, Role
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import Missing, Part, Row, Setting
from benchmarks.schemas import Pair, pairs
from dome_spec.contracts.compatibility import Direction, Verdict, compare, parse

ALL: Final = Metric("all pairs", "ms")
DOME: Final = Contender("dome", Role.DOME, "verdict, meaning, a witness that two validators confirm, remedy")
BARE: Final = Contender(
    "jsonschema-rs covers",
    Role.PEER,
    "yes, no or unknown, on schemas bundled before; no witness, place, meaning",
)
BARE_PAIRS_MAX: Final = 100
"""It takes minutes for more."""
SUBSCHEMA: Final = Contender("jsonsubschema", Role.PEER, "yes or no, of draft-04: ignores what is later; no witness")
SUBSCHEMA_PAIRS_MAX: Final = 10
"""It takes seconds for more."""

Answer = bool | None
"""Whether the second schema accepts all that the first does; None where that stays open."""


def _by_dome(pair: Pair) -> Answer:
    old, new = (parse(schema, resources=pair.resources) for schema in (pair.old, pair.new))
    verdict = compare(old, new, direction=Direction.BACKWARD).verdict
    return None if verdict is Verdict.UNDECIDED else verdict is not Verdict.INCOMPATIBLE


def _bundled(pair: Pair) -> Pair:
    """The pair without references to other documents, which the peers do not follow."""
    old, new = (parse(schema, resources=pair.resources).document for schema in (pair.old, pair.new))
    return Pair(old, new, {})


def _by_covers(pair: Pair) -> Answer:
    # It compares no two documents that keep references.
    whole = (jsonschema_rs.dereference(schema) for schema in (pair.old, pair.new))
    old, new = (jsonschema_rs.canonicalize(schema, validate_formats=True) for schema in whole)
    return {"YES": True, "NO": False}.get(str(new.covers(old)).upper())


def _by_jsonsubschema(pair: Pair) -> Answer:
    import jsonsubschema  # type: ignore[import-not-found,import-untyped,unused-ignore]

    old, new = (jsonschema_rs.dereference(schema) for schema in (pair.old, pair.new))
    return bool(jsonsubschema.isSubschema(old, new))


async def _timed(decide: Callable[[Pair], Answer], matter: Sequence[Pair]) -> Samples:
    began = time.perf_counter()
    for pair in matter:
        decide(pair)
    return {ALL: [(time.perf_counter() - began) * 1000]}


async def _measure(setting: Setting) -> tuple[Part, ...]:
    parts = []
    for count in (10, 100, setting.many(1_000, quick=200)):
        matter = pairs(count)
        deciders: dict[Contender, Callable[[Pair], Answer]] = {DOME: _by_dome}
        if count <= BARE_PAIRS_MAX:
            deciders[BARE] = _by_covers
        missing: tuple[Missing, ...] = ()
        if importlib.util.find_spec("jsonsubschema") is None:
            remedy = "Install it beside this interpreter: `pip install jsonsubschema` (Apache-2.0)."
            missing = (Missing(SUBSCHEMA.name, "There is no module `jsonsubschema` here.", remedy),)
        elif count <= SUBSCHEMA_PAIRS_MAX:
            deciders[SUBSCHEMA] = _by_jsonsubschema
        given = {each: matter if each is DOME else list(map(_bundled, matter)) for each in deciders}
        facts = tuple((f"answers of {each.name}", _told(map(decide, given[each]))) for each, decide in deciders.items())
        turns = [Turn(each, partial(_timed, decide, given[each])) for each, decide in deciders.items()]
        parts.append(Part(await in_turns(turns, rounds=setting.rounds), count, facts, missing))
    return tuple(parts)


def _told(answers: Iterable[Answer]) -> str:
    given = list(answers)
    return f"{given.count(True)} yes, {given.count(False)} no, {given.count(None)} open"


ROW: Final = Row(
    name="compatibility",
    work="Compare this repository's families, each edited in one to three places, backward: parse, decide, show.",
    aim="100 pairs < 1 s",
    measure=_measure,
    size="pairs",
)
