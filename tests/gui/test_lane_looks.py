"""How a lane tells its stream's state."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lablink_dpg.gui import lane_looks, palette
from lablink_dpg.gui.lane_looks import DIM, LaneLook
from lablink_dpg.gui.palette import Tone
from lablink_dpg.model.alarm import Severity
from lablink_dpg.model.link import StreamState
from lablink_dpg.query.frame import LaneTrace, StreamLine

LINE = StreamLine("a", "Scope 1", ("CH1", "CH2"), 1000.0, 30.0, 0, 5000, StreamState.STREAMING, age_ms=20.0)
NOTHING: np.ndarray = np.empty(0, np.float32)


def trace(low: float, high: float) -> LaneTrace:
    return LaneTrace(NOTHING, (NOTHING,), 0, 0.0, (0.0, 1.0), (low, high))


def test_a_stream_that_is_well_has_no_mark() -> None:
    assert lane_looks.look_of(LINE, None, is_selected=False) == LaneLook()
    assert lane_looks.name(LINE, None) == ("Scope 1", Tone.PLAIN)


@pytest.mark.parametrize("state", [state for state in StreamState if state is not StreamState.STREAMING])
def test_every_other_state_has_a_strip_and_a_symbol_before_the_name(state: StreamState) -> None:
    line = replace(LINE, state=state)
    look = lane_looks.look_of(line, None, is_selected=False)
    assert look.state is not None
    assert look.is_dim is (state is not StreamState.POLLED), "what still comes keeps its colour"
    name, tone = lane_looks.name(line, None)
    assert name.endswith(" Scope 1")
    assert tone is look.state


def test_samples_that_are_said_to_come_and_do_not_are_drawn_without_colour() -> None:
    look = lane_looks.look_of(replace(LINE, is_old=True, age_ms=9000.0), None, is_selected=False)
    assert look.is_dim
    assert look.state is Tone.BAD
    assert lane_looks.details(replace(LINE, is_old=True, age_ms=9000.0))[0] == "stalled 9 s"


def test_losses_and_alarms_have_places_of_their_own() -> None:
    look = lane_looks.look_of(replace(LINE, lost=7), Severity.WARNING, is_selected=True)
    assert look == LaneLook(None, False, True, Severity.WARNING, True)
    assert lane_looks.name(LINE, Severity.CRITICAL) == ("■ Scope 1", Tone.BAD)
    assert lane_looks.details(replace(LINE, lost=7)) == ("lost 7", Tone.BAD)


def test_colours_are_those_of_the_card_unless_nothing_comes() -> None:
    assert lane_looks.colours(9, 2, is_dim=False) == (9 % palette.LINES, 10 % palette.LINES)
    assert lane_looks.colours(9, 2, is_dim=True) == (DIM, DIM)


def test_many_lanes_show_the_first_channel_only() -> None:
    assert lane_looks.channels_of(LINE, lane_looks.SHARED_LANES) == ("CH1", "CH2")
    assert lane_looks.channels_of(LINE, lane_looks.SHARED_LANES + 1) == ("CH1",)


def test_the_tip_says_what_there_is_no_room_for() -> None:
    text = lane_looks.tip(replace(LINE, lost=7), trace(-1.5, 3.25), Severity.ERROR)
    for said in ("error alarm open", "−1.5 … 3.25", "● WS · a", "1.00 kS/s", "lost 7", "Enter"):
        assert said in text
    assert lane_looks.extent(trace(math.inf, -math.inf)) == ""
    assert lane_looks.extent(None) == ""
