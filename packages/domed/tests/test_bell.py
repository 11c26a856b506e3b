"""The bell wakes, and nothing falls between listening and waiting."""

import asyncio

from domed.bell import Bell

SOON_S = 0.01


async def test_a_ring_after_listening_is_kept_until_the_next_wait() -> None:
    bell = Bell()
    with bell.listen("topic") as listener:
        bell.ring("topic")
        assert await listener.wait(SOON_S)


async def test_rings_that_nobody_waited_for_count_as_one() -> None:
    bell = Bell()
    with bell.listen("topic") as listener:
        bell.ring("topic")
        bell.ring("topic")
        assert await listener.wait(SOON_S)
        assert not await listener.wait(SOON_S)


async def test_a_ring_before_listening_is_not_heard() -> None:
    bell = Bell()
    bell.ring("topic")
    with bell.listen("topic") as listener:
        assert not await listener.wait(SOON_S)


async def test_only_those_who_listen_to_the_topic_are_woken() -> None:
    bell = Bell()
    with bell.listen("one") as one, bell.listen("two") as two:
        bell.ring("one")
        assert await one.wait(SOON_S)
        assert not await two.wait(SOON_S)


async def test_everybody_who_waits_is_woken() -> None:
    bell = Bell()
    listeners = [bell.listen("topic") for _ in range(3)]
    waits = [asyncio.create_task(listener.wait()) for listener in listeners]
    await asyncio.sleep(0)
    bell.ring("topic")
    assert await asyncio.gather(*waits) == [True] * 3


async def test_a_listener_that_left_leaves_nothing_behind() -> None:
    bell = Bell()
    with bell.listen("topic"):
        pass
    assert bell.listen("topic").rung.is_set() is False
    assert list(bell._listeners) == ["topic"]
    with bell.listen("other"):
        pass
    assert list(bell._listeners) == ["topic"]


async def test_a_call_is_made_at_each_ring_of_its_topic_as_long_as_the_block_lasts() -> None:
    bell = Bell()
    calls: list[str] = []
    with bell.tell("topic", lambda: calls.append("rung")), bell.listen("topic") as listener:
        bell.ring("other")
        bell.ring("topic")
        bell.ring("topic")
        assert listener.rung.is_set()
    bell.ring("topic")
    assert calls == ["rung", "rung"]
