"""What a plot decides before it talks to the library."""

from __future__ import annotations

import numpy as np
import pytest

from lablink_dpg.gui.panels.plot import clear_of_corner, ends, reaches, uncut_ticks
from lablink_dpg.query.frame import Trace
from lablink_dpg.query.view import TraceRequest

TICKS = (("03:30:04", 0.0), ("03:30:06", 2.0), ("03:30:08", 4.0))


def test_a_last_label_that_would_be_cut_is_left_away_and_its_line_stays() -> None:
    assert uncut_ticks(TICKS, (-1.0, 5.0), 300) == TICKS
    assert uncut_ticks(TICKS, (-1.0, 4.1), 300) == (*TICKS[:2], ("", 4.0))
    assert uncut_ticks(TICKS, (-1.0, 4.1), 3000) == TICKS, "on a wide plot the same time is far from the edge"
    assert uncut_ticks((), (0.0, 1.0), 300) == ()


def test_a_value_at_the_lower_edge_has_no_label_beside_the_first_of_the_times() -> None:
    ticks = (("-5", -5.0), ("0", 0.0), ("5", 5.0))
    assert clear_of_corner(ticks, (-5.0, 6.0), 200) == (("", -5.0), *ticks[1:])
    assert clear_of_corner(ticks, (-6.0, 6.0), 200) == ticks
    assert clear_of_corner((), (-6.0, 6.0), 200) == ()


@pytest.mark.parametrize(
    ("x", "is_seen"),
    [
        ([-3.0, -0.1], False),
        ([-3.0, 0.0], True),
        ([5.0, 11.0], True),
        ([10.1, 11.0], False),
        ([-3.0, 11.0], True),
        ([-3.0, np.nan], True),
    ],
)
def test_what_has_scrolled_out_of_a_plot_is_no_longer_a_sample_in_it(x: list[float], is_seen: bool) -> None:
    points = np.array(x, np.float32)
    assert reaches(ends(Trace(TraceRequest("a", "CH1"), points, points, 1)), (0.0, 10.0)) is is_seen
