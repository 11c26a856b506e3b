"""What is at hand is given; what would have to be waited for is given up."""

import asyncio

from domed.runner.unwaited import unwaited


async def at_hand() -> int:
    return 7


async def test_what_is_at_hand() -> None:
    assert unwaited(at_hand()) == 7


async def test_what_has_to_be_waited_for() -> None:
    ended = []

    async def later() -> int:
        try:
            await asyncio.sleep(0)
        finally:
            ended.append(True)
        return 7

    assert unwaited(later()) is None
    assert ended == [True]
