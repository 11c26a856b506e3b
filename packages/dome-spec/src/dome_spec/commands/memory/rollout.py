"""`dome memory rollout`: how far what is learnt reaches, and the evidence for it."""

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from dome_contracts.exit_codes import Exit
from dome_spec.commands.verb import add_verb

if TYPE_CHECKING:
    from dome_spec.binding import Attempts, Counterfactual, RolloutEvidence
    from dome_spec.commands.console import Console
    from dome_spec.commands.verb import Verbs

_EXAMPLES: Final = """\
  dome memory rollout          the stage that holds, and what speaks for it
  dome memory rollout --json   the same, with the counterfactuals

Shadow: what would be advised is recorded, and changes no plan. Guided: plans show it. Prescriptive: plans put a remedy
first where nothing speaks against it. The policy asks for a stage (`.dome/binder_policy.yaml`); as long as attempts
that followed advice do worse than the others, by more than the policy allows, the stage before it holds. That is not
judged before as many attempts as the policy's window says have followed advice, and one has not."""


def add(verbs: "Verbs") -> None:
    """Add the verb."""
    add_verb(verbs, "rollout", summary="Say how far what is learnt reaches, and why", examples=_EXAMPLES, run=_rollout)


def _rollout(_: Namespace, console: "Console") -> int:
    from dome_spec.binding import rollout
    from dome_spec.commands.memory.opening import opened_for_asking

    with opened_for_asking(console) as opened:
        found = rollout(opened.memory, opened.policy)
    if console.as_json:
        console.record(_document(found))
    else:
        console.text("\n".join(rollout_lines(found)))
    return Exit.OK


def _document(found: "RolloutEvidence") -> dict[str, Any]:
    return {
        "stage": found.stage.value,
        "effective_stage": found.effective_stage.value,
        "is_judged": found.is_judged,
        "is_demoted": found.is_demoted,
        "followed": _share_document(found.followed),
        "others": _share_document(found.others),
        "window_count": found.window_count,
        "success_drop": found.success_drop,
        "success_drop_max": found.success_drop_max,
        "counterfactuals": [_counterfactual(each) for each in found.counterfactuals],
    }


def _share_document(attempts: "Attempts") -> dict[str, Any]:
    return {"count": attempts.count, "success_count": attempts.success_count, "share": attempts.share}


def _counterfactual(each: "Counterfactual") -> dict[str, Any]:
    from dome_spec.kernel import from_micros, timestamp

    done = each.contribution
    return {
        "end_time": timestamp(from_micros(done.end_us)),
        "run_id": done.run_id,
        "task_id": done.task_id,
        "group_id": done.group_id,
        "capsule_id": done.capsule_id,
        "advised": each.advised,
        "is_followed": each.is_followed,
        "is_success": each.is_success,
    }


def rollout_lines(found: "RolloutEvidence") -> "Iterator[str]":
    """For people: the stage, what it rests on, and whether it was judged."""
    from dome_spec.commands.memory.identifiers import short

    why = " (taken back: attempts that followed advice do worse)" if found.is_demoted else ""
    yield f"stage      {found.effective_stage.value}{why}"
    yield f"asked for  {found.stage.value}"
    yield f"followed   {_share(found.followed)}"
    yield f"others     {_share(found.others)}"
    yield f"judged     {_judged(found)}"
    least = f"the last {found.window_count} attempts that followed advice"
    yield f"rule       one stage back while {least} succeed less often than the others by more than {_most(found)}"
    for each in found.counterfactuals:
        advised = f"advised {short(each.advised)}" if each.advised else "nothing advised"
        followed = ", followed" if each.is_followed else ""
        result = "succeeded" if each.is_success else "failed"
        yield f"  {each.contribution.run_id}  {short(each.contribution.task_id)}  {advised}{followed}: {result}"


def _share(attempts: "Attempts") -> str:
    if attempts.share is None:
        return "no attempts"
    return f"{attempts.success_count} of {attempts.count} succeeded ({attempts.share:.0%})"


def _judged(found: "RolloutEvidence") -> str:
    """Whether the rule is applied, and what it waits for where it is not."""
    if found.success_drop is not None:
        less = f"{abs(found.success_drop):.1%} {'less' if found.success_drop > 0 else 'more'} often"
        return f"yes: those that followed advice succeed {less}, {_most(found)} less is permitted"
    missing = found.window_count - found.followed.count
    if missing:
        return f"not yet: {missing} more of {found.window_count} attempts have to follow advice; nothing is taken back"
    return "not yet: every attempt followed advice, so that there is nothing to compare with; nothing is taken back"


def _most(found: "RolloutEvidence") -> str:
    return f"{found.success_drop_max:.1%}"
