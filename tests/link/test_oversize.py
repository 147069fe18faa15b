"""Tests of lablink_dpg.link.oversize: a server whose messages of some streams are too large above some window."""

from __future__ import annotations

import pytest

from lablink_dpg.link.board import Board
from lablink_dpg.link.oversize import SETTLE_S, TRIAL_S, Oversize
from lablink_dpg.link.planner import StreamPlan
from lablink_dpg.link.requester import Requester
from lablink_dpg.link.streams import NO_LIMIT, Streams
from lablink_dpg.link.tally import Tally
from lablink_dpg.model.acquisition import AcquisitionInfo, AcquisitionState
from lablink_dpg.model.link import Mode
from tests.link.running import no_devices

SECOND = 1_000_000


class Setup:
    """Streams of 1000 Hz every 50 ms, planned with windows of 150; those named in ``limits`` fail above theirs."""

    def __init__(self, count: int, limits: dict[str, int]) -> None:
        self.now_us = 0
        self.limits = limits
        self.lost = 0  # connections
        self.streams = Streams(50)
        self.requester = Requester(self.streams, no_devices(), lambda: self.now_us)
        self.board = Board("s", Mode.HYBRID, Tally(), self.streams, lambda: self.now_us)
        self.oversize = Oversize(self.streams, self.board, self.requester)
        for number in range(count):
            name = f"a{number}"
            self.streams.describe(AcquisitionInfo(name, "s", name, AcquisitionState.ACQUIRING, ("CH1",), 1000.0))

    def plan(self, name: str) -> StreamPlan:
        stream = self.streams.get(name)
        assert stream is not None
        return stream.plan

    def run(self, seconds: float) -> None:
        end_us = self.now_us + int(seconds * SECOND)
        while self.now_us < end_us:
            self.now_us += SECOND // 4
            if any(self.plan(name).num_samples > most for name, most in self.limits.items()):
                self.lost += 1
                self.requester.forget()
                self.now_us += 2 * SECOND  # until it is connected again
                self.oversize.refused(self.now_us)
            else:
                self.oversize.check(self.now_us)


def test_all_windows_are_halved_at_once_and_asked_for() -> None:
    setup = Setup(3, {"a1": 100})
    setup.run(1)
    assert [stream.plan for stream in setup.streams] == [StreamPlan(25, 75)] * 3
    assert [stream.most for stream in setup.streams] == [75] * 3
    assert [name for name, _ in setup.requester._pending] == ["a0", "a1", "a2"]
    assert setup.lost == 1


@pytest.mark.parametrize("limits", [{"a2": 100}, {"a0": 149}, {"a0": 100, "a4": 80}])
def test_every_window_is_given_back_but_those_that_were_too_large(limits: dict[str, int]) -> None:
    setup = Setup(5, limits)
    setup.run(20 * TRIAL_S)
    for stream in setup.streams:
        is_guilty = stream.info.acquisition_id in limits
        assert stream.plan == (StreamPlan(25, 75) if is_guilty else StreamPlan(50, 150))
        assert stream.most == (75 if is_guilty else NO_LIMIT)
    assert setup.lost == 1 + len(limits)  # one more connection for each of them
    setup.run(20 * TRIAL_S)
    assert setup.lost == 1 + len(limits)


def test_windows_are_halved_again_until_they_are_small_enough() -> None:
    setup = Setup(2, {"a0": 20})
    setup.run(9)
    assert setup.plan("a0") == StreamPlan(10, 18)
    assert setup.lost == 3


def test_a_message_that_was_under_way_is_not_held_against_smaller_windows() -> None:
    setup = Setup(2, {})
    setup.oversize.refused(1_000_000)
    setup.oversize.refused(1_000_000 + int(SETTLE_S * SECOND) - 1)
    assert setup.plan("a0") == StreamPlan(25, 75)
    setup.oversize.refused(1_000_000 + int(SETTLE_S * SECOND))
    assert setup.plan("a0") == StreamPlan(12, 37)


def test_a_stream_that_was_forgotten_meanwhile_is_no_trouble() -> None:
    setup = Setup(2, {"a1": 100})
    setup.run(1)
    for stream in setup.streams:
        setup.streams.forget(stream)
    setup.limits.clear()
    setup.run(5 * TRIAL_S)
    assert len(setup.streams) == 0
