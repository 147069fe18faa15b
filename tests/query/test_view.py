"""Views are values: equal by what they say, usable as keys, never changed in place."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from lablink_dpg.query.view import PlotRequest, TimeView, TraceRequest, View, YRange


def a_view() -> View:
    plot = PlotRequest("p", (TraceRequest("a", "CH1"),), width_px=380, y_range=YRange(-1.0, 1.0))
    return View(TimeView(10_000_000), (plot,))


def test_views_that_say_the_same_are_equal_and_one_key():
    assert a_view() == a_view()
    assert len({a_view(), a_view(), replace(a_view(), time=TimeView(1))}) == 2


def test_a_view_is_replaced_not_changed():
    view = a_view()
    with pytest.raises(FrozenInstanceError):
        view.time.span_us = 1  # type: ignore[misc]
    held = replace(view, time=replace(view.time, is_following=False, right_us=5))
    assert (view.time.is_following, held.time.right_us, held.plots) == (True, 5, view.plots)
