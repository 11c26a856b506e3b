"""Asks for what is usually at hand, in the course of something that must not wait. Knows no job."""

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def unwaited(asked: Coroutine[Any, Any, T]) -> T | None:
    """What a coroutine gives that does not have to wait; None of one that does, which is then given up."""
    try:
        asked.send(None)
    except StopIteration as end:
        answer: T = end.value
        return answer
    asked.close()
    return None
