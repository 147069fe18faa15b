"""What a plot decides before it talks to the library."""

from __future__ import annotations

from lablink_dpg.gui.panels.plot import uncut_ticks

TICKS = (("03:30:04", 0.0), ("03:30:06", 2.0), ("03:30:08", 4.0))


def test_a_last_label_that_would_be_cut_is_left_away_and_its_line_stays() -> None:
    assert uncut_ticks(TICKS, (-1.0, 5.0), 300) == TICKS
    assert uncut_ticks(TICKS, (-1.0, 4.1), 300) == (*TICKS[:2], ("", 4.0))
    assert uncut_ticks(TICKS, (-1.0, 4.1), 3000) == TICKS, "on a wide plot the same time is far from the edge"
    assert uncut_ticks((), (0.0, 1.0), 300) == ()
