from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from propfirm.adapters.system.virtual_clock import LEASE_S, FollowingClock, VirtualClock

FIRST = datetime(2026, 11, 15, 22, 30, tzinfo=UTC)
SECOND = 10**9


class Wall:
    """Real nanoseconds that pass when they are told to."""

    def __init__(self) -> None:
        self.ns = 5 * SECOND

    def __call__(self) -> int:
        return self.ns


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "clock"


def test_it_stands_still_until_it_is_started(file: Path, wall: Wall) -> None:
    clock = VirtualClock(file, FIRST, 60, wall)
    wall.ns += 100 * SECOND
    assert clock.now() == FIRST
    clock.start()
    wall.ns += 2 * SECOND
    assert clock.now() == FIRST + timedelta(minutes=2)


def test_held_and_begun_again_it_goes_on_to_the_second(file: Path, wall: Wall) -> None:
    clock = VirtualClock(file, FIRST, 60, wall)
    clock.start()
    wall.ns += 90 * SECOND
    clock.hold()
    wall.ns += 1_000 * SECOND
    assert clock.now() == FIRST + timedelta(minutes=90)
    assert VirtualClock(file, FIRST, 60, wall).now() == FIRST + timedelta(minutes=90)


def test_a_killed_process_never_shows_a_time_again_and_skips_no_more_than_its_lease(file: Path, wall: Wall) -> None:
    clock = VirtualClock(file, FIRST, 3_600, wall)
    clock.start()
    for _ in range(50):
        wall.ns += SECOND // 7
        shown = clock.now()
        after = VirtualClock(file, FIRST, 3_600, wall).now()
        assert shown <= after <= shown + timedelta(hours=LEASE_S)


def test_a_new_speed_counts_from_now_on(file: Path, wall: Wall) -> None:
    clock = VirtualClock(file, FIRST, 60, wall)
    clock.start()
    wall.ns += 60 * SECOND
    clock.run_at(1)
    wall.ns += 60 * SECOND
    assert clock.now() == FIRST + timedelta(minutes=61)


def test_started_twice_it_does_not_begin_twice(file: Path, wall: Wall) -> None:
    clock = VirtualClock(file, FIRST, 60, wall)
    clock.start()
    wall.ns += 10 * SECOND
    clock.start()
    assert clock.now() == FIRST + timedelta(minutes=10)


def test_a_clock_that_does_not_move_is_refused(file: Path) -> None:
    with pytest.raises(ValueError, match="never gets anywhere"):
        VirtualClock(file, FIRST, 0)


def test_without_a_wall_of_its_own_it_takes_the_machines(file: Path) -> None:
    clock = VirtualClock(file, FIRST, 1_000_000)
    clock.start()
    first = clock.now()
    assert FIRST <= first < clock.now()


def test_another_process_sees_the_same_time_while_the_clock_runs(file: Path, wall: Wall) -> None:
    clock = VirtualClock(file, FIRST, 3_600, wall)
    clock.start()
    followed = FollowingClock(file, lambda: True, wall)
    for _ in range(30):
        wall.ns += SECOND // 3
        assert followed.now() == clock.now()
    clock.run_at(60)
    wall.ns += SECOND
    assert followed.now() == clock.now()


def test_who_follows_a_clock_that_is_held_or_whose_process_is_gone_stands_where_it_goes_on(
    file: Path, wall: Wall
) -> None:
    clock = VirtualClock(file, FIRST, 3_600, wall)
    clock.start()
    wall.ns += 5 * SECOND
    clock.now()
    gone = FollowingClock(file, lambda: False, wall)
    wall.ns += 100 * SECOND
    assert gone.now() == VirtualClock(file, FIRST, 3_600, wall).now()
    clock.hold()
    held = FollowingClock(file, lambda: True, wall)
    wall.ns += 100 * SECOND
    assert held.now() == clock.now() == VirtualClock(file, FIRST, 3_600, wall).now()


def test_who_follows_is_not_misled_by_the_word_of_a_killed_process_once_another_has_its_place(
    file: Path, wall: Wall
) -> None:
    killed = VirtualClock(file, FIRST, 10_800, wall)
    killed.start()
    killed.now()
    wall.ns += 3_600 * SECOND
    taken = FollowingClock(file, lambda: True, wall)  # the folder has a new owner, which has no clock yet
    lease = FIRST + timedelta(seconds=LEASE_S * 10_800)
    assert taken.now() <= lease + timedelta(seconds=LEASE_S * 10_800)
    held = VirtualClock(file, FIRST, 10_800, wall)
    assert FollowingClock(file, lambda: True, wall).now() == held.now() <= lease
    wall.ns += 3_600 * SECOND
    assert FollowingClock(file, lambda: True, wall).now() == held.now()


def test_a_follower_never_shows_an_earlier_time(file: Path, wall: Wall) -> None:
    lives = True
    clock = VirtualClock(file, FIRST, 3_600, wall)
    clock.start()
    clock.now()
    followed = FollowingClock(file, lambda: lives, wall)
    wall.ns += 7 * SECOND  # longer than the lease that was written last: nobody asked the clock
    seen = followed.now()
    lives = False
    assert followed.now() == seen


def test_who_looks_back_sees_what_it_showed_then_and_nothing_of_a_time_when_it_stood(file: Path, wall: Wall) -> None:
    clock = VirtualClock(file, FIRST, 3_600, wall)
    followed, gone = FollowingClock(file, lambda: True, wall), FollowingClock(file, lambda: False, wall)
    assert clock.ago(timedelta(0)) is followed.ago(timedelta(0)) is None
    clock.start()
    wall.ns += 10 * SECOND
    clock.now()
    for one in (clock, followed):
        assert one.ago(timedelta(seconds=4)) == FIRST + timedelta(hours=6)
        assert one.ago(timedelta(seconds=10)) == FIRST
        assert one.ago(timedelta(seconds=10, microseconds=1)) is None
    assert gone.ago(timedelta(seconds=4)) is None
    clock.hold()
    assert clock.ago(timedelta(seconds=4)) is followed.ago(timedelta(seconds=4)) is None


def test_the_word_of_a_killed_process_says_nothing_of_the_past(file: Path, wall: Wall) -> None:
    clock = VirtualClock(file, FIRST, 3_600, wall)
    clock.start()
    wall.ns += 1_000 * SECOND
    assert FollowingClock(file, lambda: True, wall).ago(timedelta(seconds=4)) is None
