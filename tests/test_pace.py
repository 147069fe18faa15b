"""Frames only as often as something changes, and never later than at full pace; a clock that only sleeps."""

from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.pace import GLIMPSE_S, IDLE_S, LINGER_S, QUIET_AFTER_S, QUIET_S, TURN_S, Pace

FPS = 30.0


class Loop:
    """Turns of a pace; ``took_s`` is what each frame costs."""

    def __init__(self, took_s: float = 0.0, fps: float = FPS) -> None:
        self.now_s = 100.0
        self.took_s = took_s
        self.pace = Pace(fps, lambda: self.now_s, self._sleep)
        self.frames: list[float] = []
        self.slept_s = 0.0

    def _sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now_s += seconds
        self.slept_s += seconds

    def turn(self, news: object = 0, *, is_touched: bool = False) -> bool:
        is_due = self.pace.is_due(news, is_touched=is_touched)
        if is_due:
            self.frames.append(self.now_s)
            self.now_s += self.took_s
        self.pace.wait()
        return is_due

    def run(self, seconds: float, news: object = 0) -> int:
        """Turns for so long; how many of them were frames."""
        before, until_s = len(self.frames), self.now_s + seconds
        while self.now_s < until_s - 1e-9:
            self.turn(news)
        return len(self.frames) - before


def test_every_turn_is_a_frame_while_samples_come() -> None:
    loop = Loop()
    for number in range(300):
        assert loop.turn(number)
        assert not loop.pace.is_idle
    assert loop.now_s == pytest.approx(100.0 + 300 / FPS)


def test_without_news_frames_become_few_after_a_moment_and_do_not_end() -> None:
    loop = Loop()
    assert loop.run(LINGER_S) == pytest.approx(LINGER_S * FPS, abs=1)
    assert loop.run(QUIET_AFTER_S) == pytest.approx(QUIET_AFTER_S / IDLE_S, rel=0.1)
    assert loop.run(20.0) == pytest.approx(20.0 / QUIET_S, abs=2), "fewer still after a while"
    assert loop.pace.is_idle


def test_the_first_sample_after_a_long_silence_is_a_frame_on_the_very_next_turn() -> None:
    loop = Loop()
    loop.run(10.0)
    while loop.turn(0):  # just after an idle frame, when the next one is farthest away
        pass
    assert loop.turn(1)
    assert loop.run(LINGER_S, news=1) == pytest.approx(GLIMPSE_S * FPS, abs=3), "one that comes alone"
    assert loop.run(LINGER_S - 0.1, news=2) == pytest.approx((LINGER_S - 0.1) * FPS, abs=1), "and one that does not"


def test_news_that_comes_alone_now_and_then_ends_no_quiet() -> None:
    loop = Loop()
    loop.run(LINGER_S + QUIET_AFTER_S + 1)
    frames = sum(loop.run(QUIET_AFTER_S + 5, news) for news in range(1, 5))
    assert frames == pytest.approx(4 * (GLIMPSE_S * FPS + QUIET_AFTER_S + 5), rel=0.15)


@pytest.mark.parametrize("is_touched", [True, False])
def test_a_touch_ends_the_quiet_and_so_does_news_that_comes_again_soon(is_touched: bool) -> None:
    loop = Loop()
    loop.run(LINGER_S + QUIET_AFTER_S + 1)
    loop.turn(0 if is_touched else 1, is_touched=is_touched)
    if not is_touched:
        loop.run(3 * LINGER_S, 1)
        loop.turn(2)
    loop.run(LINGER_S, 0 if is_touched else 2)
    assert loop.run(QUIET_AFTER_S - 1, 0 if is_touched else 2) == pytest.approx((QUIET_AFTER_S - 1) / IDLE_S, rel=0.1)


def test_while_nothing_changes_the_loop_rests_between_turns_until_it_is_woken() -> None:
    loop = Loop()
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        loop.now_s += 0.03 if len(rests) == 3 else seconds  # woken once

    def turns(seconds: float) -> None:
        until_s = loop.now_s + seconds
        while loop.now_s < until_s:
            loop.pace.is_due(0)
            loop.pace.wait(rest)

    turns(LINGER_S - 0.1)
    assert not rests, "at full pace it sleeps as ever"
    turns(LINGER_S)
    assert set(rests) == {TURN_S}
    turns(QUIET_AFTER_S)
    assert rests[-1] == QUIET_S
    began_s = loop.now_s
    assert loop.pace.is_due("news"), "woken, it makes a frame at once"
    loop.pace.wait(rest)
    assert loop.now_s == pytest.approx(began_s + 1 / FPS)


def test_a_rest_that_was_ended_in_vain_does_not_put_off_the_next_second() -> None:
    loop = Loop()
    loop.run(LINGER_S + QUIET_AFTER_S + 3 * QUIET_S)
    made_s: list[float] = []

    def rest(seconds: float) -> None:
        loop.now_s += min(seconds, 0.95 * QUIET_S)  # something wakes it all the time, and is no news

    while len(made_s) < 10:
        if loop.pace.is_due(0):
            made_s.append(loop.now_s)
        loop.pace.wait(rest)
    assert np.diff(made_s).max() <= 1.05 * QUIET_S


def test_a_touch_is_news_though_nothing_else_is() -> None:
    loop = Loop()
    loop.run(10.0)
    while loop.turn(0):
        pass
    assert loop.turn(0, is_touched=True)
    assert not loop.pace.is_idle


def test_a_message_a_second_keeps_full_pace() -> None:
    loop = Loop()
    frames = sum(loop.run(0.9, news) for news in range(20))
    assert frames == pytest.approx(18 * FPS, abs=3)


def test_frames_that_take_long_are_not_made_up_for() -> None:
    loop = Loop(took_s=0.1)
    for number in range(10):
        loop.turn(number)
    assert loop.slept_s == 0.0
    loop.took_s = 0.0
    loop.frames.clear()
    for number in range(10, 15):
        loop.turn(number)
    steps = [later - earlier for earlier, later in zip(loop.frames, loop.frames[1:], strict=False)]
    assert steps == pytest.approx([1 / FPS] * 4)


def test_a_slow_pace_is_no_slower_for_being_idle() -> None:
    loop = Loop(fps=2.0)
    assert loop.run(QUIET_AFTER_S) == pytest.approx(2 * QUIET_AFTER_S, abs=1)


def test_however_few_frames_are_wanted_the_loop_turns_often_enough_to_hear_of_its_end() -> None:
    loop = Loop(fps=1.0)
    turns = 0
    while loop.now_s < 110.0:
        loop.turn(turns)  # something new on every turn
        turns += 1
    assert turns == pytest.approx(10.0 / TURN_S, abs=1)
    assert len(loop.frames) == pytest.approx(10, abs=1)


def test_a_loop_that_nobody_watches_turns_rarely_while_nothing_changes_and_at_once_afterwards() -> None:
    loop, seen = Loop(), Loop()
    loop.pace = Pace(FPS, lambda: loop.now_s, loop._sleep, is_watched=False)
    loop.run(LINGER_S + 1)
    turns, began_s = 0, loop.now_s
    while loop.now_s < began_s + 5:
        loop.turn()
        turns += 1
    assert turns == pytest.approx(5 / TURN_S, abs=1)
    assert loop.turn("news")
    loop.run(0.2, "news")
    assert loop.run(0.5, "more") == seen.run(0.5, "more") == pytest.approx(0.5 * FPS, abs=1)


def test_the_rate_can_be_changed_while_it_runs() -> None:
    now_s, slept = [0.0], []
    pace = Pace(10, lambda: now_s[0], slept.append)
    pace.change(50)
    pace.wait()
    assert slept == [pytest.approx(0.02)]
    assert pace.is_due(1)
    now_s[0] = 0.02
    assert pace.is_due(2), "a frame of 50 a second is due"
