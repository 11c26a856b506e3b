"""Named locks: who gets them, in which order, and that nobody waits for ever."""

from hypothesis import given
from hypothesis import strategies as st

from dome_contracts.ids import JobId
from domed.locks import Blocked, Locks, LockState, Rank

A, B, C, D = (JobId(f"job-{letter}") for letter in "abcd")


def rank(job_id: JobId, priority: int = 0) -> Rank:
    return Rank.of(job_id, priority=priority)


def test_a_free_lock_is_taken() -> None:
    assert Locks().try_acquire(["db"], rank(A)) is None


def test_a_job_without_locks_waits_for_nothing() -> None:
    locks = Locks()
    locks.try_acquire(["db"], rank(A))
    assert locks.try_acquire([], rank(B)) is None


def test_a_held_lock_names_its_holder() -> None:
    locks = Locks()
    locks.try_acquire(["db"], rank(A))
    assert locks.try_acquire(["db", "a"], rank(B)) == Blocked("db", A)


def test_all_locks_are_taken_or_none() -> None:
    locks = Locks()
    locks.try_acquire(["x"], rank(A))
    locks.try_acquire(["x", "y"], rank(C))
    assert locks.try_acquire(["y"], rank(B)) is None


def test_a_released_lock_goes_to_the_waiter_that_comes_first_in_the_queue() -> None:
    locks = Locks()
    locks.try_acquire(["db"], rank(A))
    locks.try_acquire(["db"], rank(B))
    locks.release(A)
    assert locks.try_acquire(["db"], rank(C)) == Blocked("db", B)
    assert locks.try_acquire(["db"], rank(B)) is None


def test_a_reserved_lock_is_kept_for_its_job_before_everybody_else() -> None:
    locks = Locks()
    assert locks.reserve(["db"], rank(D)) is None
    assert locks.try_acquire(["db"], rank(A, priority=100)) == Blocked("db", D)
    assert locks.reserve(["db"], rank(B)) == Blocked("db", D)
    assert locks.try_acquire(["db"], rank(D)) is None
    locks.release(D)
    assert locks.try_acquire(["db"], rank(A, priority=100)) is None


def test_a_lock_that_is_held_or_kept_is_not_reserved_and_nothing_is_remembered() -> None:
    locks = Locks()
    locks.try_acquire(["db"], rank(A))
    assert locks.reserve(["other", "db"], rank(B)) == Blocked("db", A)
    assert locks.try_acquire(["other"], rank(C)) is None
    assert [state.waiters for state in locks.state()] == [(), ()]


def test_a_reservation_goes_before_a_descendant_of_nobody_only() -> None:
    locks = Locks()
    locks.reserve(["db"], rank(D))
    assert locks.try_acquire(["db"], rank(B), ancestors=[A]) is None
    assert locks.try_acquire(["db"], rank(D)) == Blocked("db", B)
    locks.release(B)
    assert locks.try_acquire(["db"], rank(C)) == Blocked("db", D), "it keeps its place while it waits"


def test_a_reservation_that_is_given_up_is_in_nobodys_way() -> None:
    locks = Locks()
    locks.reserve(["db"], rank(A))
    locks.give_up([A])
    assert locks.try_acquire(["db"], rank(B)) is None


def test_a_higher_priority_goes_before_an_older_waiter() -> None:
    locks = Locks()
    locks.try_acquire(["db"], rank(A))
    locks.try_acquire(["db"], rank(B))
    locks.try_acquire(["db"], rank(C, priority=5))
    locks.release(A)
    assert locks.try_acquire(["db"], rank(B)) == Blocked("db", C)
    assert locks.try_acquire(["db"], rank(C, priority=5)) is None


def test_a_lock_is_kept_for_a_job_that_waits_for_several() -> None:
    locks = Locks()
    locks.try_acquire(["x"], rank(A))
    locks.try_acquire(["x", "y"], rank(B))
    assert locks.try_acquire(["y"], rank(C)) == Blocked("y", B)


def test_a_waiter_that_left_the_queue_is_forgotten() -> None:
    locks = Locks()
    locks.try_acquire(["x"], rank(A))
    locks.try_acquire(["x", "y"], rank(B))
    locks.keep_waiting([C])
    assert locks.try_acquire(["y"], rank(C)) is None


def test_a_job_waits_for_nothing_that_an_ancestor_holds_or_that_is_kept_for_another() -> None:
    locks = Locks()
    locks.try_acquire(["x"], rank(A))
    locks.try_acquire(["x", "y"], rank(B))
    assert locks.try_acquire(["x", "y"], rank(C), ancestors=[A]) is None


def test_two_children_do_not_share_their_ancestors_lock() -> None:
    locks = Locks()
    locks.try_acquire(["x"], rank(A))
    locks.try_acquire(["x"], rank(B), ancestors=[A])
    assert locks.try_acquire(["x"], rank(C), ancestors=[A]) == Blocked("x", B)


def test_a_lock_is_free_when_its_last_holder_has_ended() -> None:
    locks = Locks()
    locks.try_acquire(["x"], rank(A))
    locks.try_acquire(["x"], rank(B), ancestors=[A])
    locks.release(A)
    assert locks.blocked(["x"], rank(C)) == Blocked("x", B)
    locks.release(B)
    locks.release(B)
    assert locks.blocked(["x"], rank(C)) is None


def test_asking_changes_nothing() -> None:
    locks = Locks()
    locks.try_acquire(["x"], rank(A))
    locks.blocked(["x", "y"], rank(B))
    assert locks.state() == [LockState("x", (A,), ())]


def test_the_state_names_holders_and_waiters_in_their_order() -> None:
    locks = Locks()
    locks.try_acquire(["b"], rank(A))
    locks.try_acquire(["a", "b"], rank(C))
    locks.try_acquire(["b"], rank(D, priority=1))
    assert locks.state() == [LockState("a", (), (C,)), LockState("b", (A,), (D, C))]


@given(
    st.lists(
        st.tuples(
            st.integers(min_value=0, max_value=9),
            st.frozensets(st.sampled_from("xyz"), max_size=3),
            st.integers(min_value=-2, max_value=2),
        ),
        max_size=30,
    )
)
def test_everybody_gets_their_locks_and_never_two_the_same(requests: list[tuple[int, frozenset[str], int]]) -> None:
    locks = Locks()
    waiting = {
        Rank.of(JobId(f"job-{index:03}-{number}"), priority=priority): names
        for index, (number, names, priority) in enumerate(requests)
    }
    held: dict[JobId, frozenset[str]] = {}
    while waiting:
        for queued in sorted(waiting):
            if locks.try_acquire(waiting[queued], queued) is None:
                names = waiting.pop(queued)
                assert all(not names & others for others in held.values())
                held[queued.job_id] = names
        # Whoever holds something ends at some time; somebody must have got something.
        assert held
        ended = min(held)
        del held[ended]
        locks.release(ended)
