"""Row `compatibility`: what an author waits for when many schemas are compared."""

import importlib.util
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

import jsonschema_rs

from benchmarks.figures import Contender, Metric, Role
from benchmarks.harness import Samples, Turn, in_turns
from benchmarks.row import Missing, Part, Row, Setting
from benchmarks.schemas import pairs
from dome_spec.contracts.compatibility import Direction, Verdict, compare, parse

ALL: Final = Metric("all pairs", "ms")
DOME: Final = Contender("dome", Role.DOME, "verdict, meaning, a witness that two validators confirm, remedy")
BARE: Final = Contender("jsonschema-rs covers", Role.PEER, "yes, no or unknown; no witness, no place, no meaning")
SUBSCHEMA: Final = Contender("jsonsubschema", Role.PEER, "yes or no, of draft-04: ignores what is later; no witness")
SUBSCHEMA_PAIRS_MAX: Final = 10
"""It takes seconds for more."""

Schemas = tuple[dict[str, Any], dict[str, Any]]
Answer = bool | None
"""Whether the second schema accepts all that the first does; None where that stays open."""


def _by_dome(pair: Schemas) -> Answer:
    verdict = compare(parse(pair[0]), parse(pair[1]), direction=Direction.BACKWARD).verdict
    return None if verdict is Verdict.UNDECIDED else verdict is not Verdict.INCOMPATIBLE


def _by_covers(pair: Schemas) -> Answer:
    # It compares no two documents that keep references.
    old, new = (jsonschema_rs.canonicalize(jsonschema_rs.dereference(schema), validate_formats=True) for schema in pair)
    return {"YES": True, "NO": False}.get(str(new.covers(old)).upper())


def _by_jsonsubschema(pair: Schemas) -> Answer:
    import jsonsubschema  # type: ignore[import-not-found,import-untyped,unused-ignore]

    old, new = (jsonschema_rs.dereference(schema) for schema in pair)
    return bool(jsonsubschema.isSubschema(old, new))


async def _timed(decide: Callable[[Schemas], Answer], matter: Sequence[Schemas]) -> Samples:
    began = time.perf_counter()
    for pair in matter:
        decide(pair)
    return {ALL: [(time.perf_counter() - began) * 1000]}


async def _measure(setting: Setting) -> tuple[Part, ...]:
    parts = []
    for count in (10, 100, setting.many(1_000, quick=200)):
        matter = pairs(count)
        deciders: dict[Contender, Callable[[Schemas], Answer]] = {DOME: _by_dome, BARE: _by_covers}
        missing: tuple[Missing, ...] = ()
        if importlib.util.find_spec("jsonsubschema") is None:
            remedy = "Install it beside this interpreter: `pip install jsonsubschema` (Apache-2.0)."
            missing = (Missing(SUBSCHEMA.name, "There is no module `jsonsubschema` here.", remedy),)
        elif count <= SUBSCHEMA_PAIRS_MAX:
            deciders[SUBSCHEMA] = _by_jsonsubschema
        facts = tuple((f"answers of {each.name}", _told(map(decide, matter))) for each, decide in deciders.items())
        turns = [Turn(each, partial(_timed, decide, matter)) for each, decide in deciders.items()]
        parts.append(Part(await in_turns(turns, rounds=setting.rounds), count, facts, missing))
    return tuple(parts)


def _told(answers: Iterable[Answer]) -> str:
    given = list(answers)
    return f"{given.count(True)} yes, {given.count(False)} no, {given.count(None)} open"


ROW: Final = Row(
    name="compatibility",
    work="Compare pairs of realistic schemas backward: parse both, decide, show what breaks.",
    aim="100 pairs < 1 s",
    measure=_measure,
    size="pairs",
)
