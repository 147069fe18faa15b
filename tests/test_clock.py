"""One clock for the whole program."""

from __future__ import annotations

import time

from lablink_dpg.clock import AxisClock


class Hands:
    def __init__(self) -> None:
        self.wall_ns = 1_795_000_000_000_000_999
        self.monotonic_ns = 55_000_000_500
        self.looks_at_wall = 0

    def wall(self) -> int:
        self.looks_at_wall += 1
        return self.wall_ns

    def monotonic(self) -> int:
        return self.monotonic_ns

    def pass_by(self, span_ns: int) -> None:
        self.wall_ns += span_ns
        self.monotonic_ns += span_ns


def test_it_starts_at_the_wall_clock_and_goes_on_with_the_monotonic_one() -> None:
    hands = Hands()
    clock = AxisClock(hands.wall, hands.monotonic)
    assert clock.now_us() == 1_795_000_000_000_000
    hands.pass_by(1_234_567_000)
    assert clock.now_us() == 1_795_000_001_234_567


def test_a_wall_clock_that_is_set_does_not_move_it() -> None:
    hands = Hands()
    clock = AxisClock(hands.wall, hands.monotonic)
    for jump_ns in (-3_600_000_000_000, 7_200_000_000_000, 1):
        hands.wall_ns += jump_ns
        before = clock.now_us()
        hands.monotonic_ns += 1_000
        assert clock.now_us() == before + 1
    assert hands.looks_at_wall == 1


def test_by_default_it_is_unix_time_and_never_falls() -> None:
    clock = AxisClock()
    before_us = time.time_ns() // 1000
    assert abs(clock.now_us() - before_us) < 60_000_000
    times = [clock.now_us() for _ in range(1000)]
    assert times == sorted(times)
