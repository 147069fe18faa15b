"""The rules of looking: each is a function from state to state, asked here with whole numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablink_dpg.gui import state
from lablink_dpg.gui.state import Page
from lablink_dpg.query.ticks import value_ticks
from lablink_dpg.query.view import TimeView, YRange

NOW = 1_700_000_000_000_000
LIVE = NOW - 100_000  # right edge while it follows
START = state.initial(10_000_000)


def test_it_starts_live() -> None:
    assert START.time == TimeView(10_000_000, is_following=True)
    assert state.behind_us(START, LIVE) == 0


def test_wheel_unpins_and_the_sample_under_the_mouse_stays_there() -> None:
    anchor = LIVE - 4_000_000  # at 60 % of the window
    zoomed = state.zoom_time(START, 1, anchor, LIVE, NOW)
    assert zoomed.time == TimeView(8_000_000, is_following=False, right_us=anchor + 3_200_000)


def test_a_held_view_does_not_move_while_time_goes_on() -> None:
    held = state.hold(START, LIVE, NOW)
    later = LIVE + 60_000_000
    assert state.right_edge(held, later) == LIVE
    assert state.hold(held, later, NOW + 60_000_000) == held
    assert state.behind_us(held, later) == 60_000_000


@given(st.integers(-20, 20), st.integers(0, 10_000_000))
def test_zooming_in_and_out_again_returns_within_a_millionth(notches: int, back: int) -> None:
    held = state.hold(START, LIVE, NOW)
    anchor = LIVE - back
    there = state.zoom_time(held, notches, anchor, LIVE, NOW)
    again = state.zoom_time(there, -notches, anchor, LIVE, NOW)
    if state.MIN_SPAN_US < there.time.span_us < state.MAX_SPAN_US and there.time.right_us < NOW:
        assert abs(again.time.span_us - held.time.span_us) <= 10_000_000 // there.time.span_us + 2


def test_zoom_is_bounded_at_both_ends() -> None:
    inside, outside = START, START
    for _ in range(200):
        inside = state.zoom_time(inside, 20, LIVE, LIVE, NOW)
        outside = state.zoom_time(outside, -20, LIVE, LIVE, NOW)
    assert inside.time.span_us == state.MIN_SPAN_US
    assert outside.time.span_us == state.MAX_SPAN_US


def test_an_absurd_wheel_event_is_bounded() -> None:
    assert state.zoomed(10_000_000, 10**6) == state.zoomed(10_000_000, state.MAX_NOTCHES)


def test_drag_to_the_right_brings_older_samples_and_unpins() -> None:
    panned = state.pan_time(START, LIVE, 2_500_000, NOW)
    assert panned.time == TimeView(10_000_000, is_following=False, right_us=LIVE - 2_500_000)


def test_a_drag_is_measured_from_where_it_began_so_it_cannot_drift() -> None:
    view = START
    for delta in (1, 999, 123_456, 77):
        view = state.pan_time(view, LIVE, delta, NOW)
    assert view.time.right_us == LIVE - 77


def test_a_drag_cannot_pass_the_present() -> None:
    assert state.pan_time(START, LIVE, -(10**12), NOW).time.right_us == NOW


def test_a_drag_cannot_get_lost_in_the_past() -> None:
    assert state.pan_time(START, LIVE, 10**18, NOW).time.right_us == NOW - state.MAX_BACK_US


def test_keys_zoom_without_leaving_live() -> None:
    closer = state.zoom_span(START, 1)
    assert closer.time == TimeView(8_000_000, is_following=True)
    assert state.zoom_span(closer, -1).time.span_us == 10_000_000


def test_the_span_selector_keeps_live_live_and_held_held() -> None:
    assert state.set_span(START, 1_000_000).time == TimeView(1_000_000, is_following=True)
    held = state.set_span(state.hold(START, LIVE, NOW), 1_000_000)
    assert held.time == TimeView(1_000_000, is_following=False, right_us=LIVE)


def test_one_key_returns_to_live_from_anywhere() -> None:
    far = state.pan_time(state.zoom_time(START, -3, LIVE, LIVE, NOW), LIVE, 3_600_000_000, NOW)
    live = state.go_live(far)
    assert live.time.is_following
    assert live.time.span_us == far.time.span_us


def test_space_holds_and_lets_go() -> None:
    held = state.toggle_live(START, LIVE, NOW)
    assert not held.time.is_following
    assert held.time.right_us == LIVE
    assert state.toggle_live(held, LIVE + 5, NOW + 5).time.is_following


def test_zoom_of_y_keeps_the_value_under_the_mouse() -> None:
    zoomed = state.zoom_y(START, "a", YRange(-1.0, 3.0), 1, 1.0)
    shown = zoomed.y_ranges["a"]
    assert (shown.low, shown.high) == pytest.approx((-0.6, 2.6))
    share = (1.0 - -1.0) / 4.0
    assert shown.low + share * (shown.high - shown.low) == pytest.approx(1.0)


def test_zoom_of_y_stops_before_it_is_numerically_nothing() -> None:
    tiny = YRange(5.0, 5.0 + 1.1e-12)
    assert state.zoom_y(START, "a", tiny, 1, 5.0) is START


def test_zoom_of_y_goes_out_again_from_a_range_that_is_too_small() -> None:
    shown = state.zoom_y(START, "a", YRange(5.0, 5.0 + 1.1e-12), -1, 5.0).y_ranges["a"]
    assert shown.high - shown.low >= state.least_y_size(5.0) * 0.99


@given(st.floats(), st.floats(), st.integers(-30, 30), st.floats())
def test_no_gesture_makes_a_y_range_that_cannot_be_drawn(low: float, high: float, notches: int, at: float) -> None:
    given_range = YRange(low, high)
    for view in (
        state.set_y(START, "a", given_range),
        state.pan_y(START, "a", given_range, at),
        state.zoom_y(START, "a", given_range, notches, at),
        state.freeze_y(START, {"a": given_range}),
    ):
        for shown in view.y_ranges.values():
            assert math.isfinite(shown.low)
            assert math.isfinite(shown.high)
            assert shown.low < shown.high
            labels = [label for label, _ in value_ticks(shown.low, shown.high, 5)]
            assert len(labels) == len(set(labels)) <= 50


def test_a_range_of_nothing_changes_nothing() -> None:
    nan = float("nan")
    assert state.set_y(START, "a", YRange(nan, 1.0)) is START
    assert state.pan_y(START, "a", YRange(0.0, 1.0), nan) is START
    assert state.freeze_y(START, {"a": YRange(nan, nan), "b": YRange(0, 1)}).y_ranges == {"b": YRange(0, 1)}


def test_a_flat_range_becomes_a_thin_one_around_it() -> None:
    shown = state.set_y(START, "a", YRange(5.0, 5.0)).y_ranges["a"]
    assert shown.low < 5.0 < shown.high
    assert shown.high - shown.low < 1e-10


def test_a_range_of_femtoamperes_is_kept_to_the_last_bit() -> None:
    assert state.freeze_y(START, {"a": YRange(1e-15, 3e-15)}).y_ranges == {"a": YRange(1e-15, 3e-15)}


def test_pan_of_y_is_manual_for_that_plot_only() -> None:
    moved = state.pan_y(START, "a", YRange(0.0, 1.0), 0.25)
    assert moved.y_ranges == {"a": YRange(0.25, 1.25)}


def test_double_click_fits_one_plot_and_a_fits_all() -> None:
    both = state.set_y(state.set_y(START, "a", YRange(0, 1)), "b", YRange(0, 2))
    assert state.auto_y(both, "a").y_ranges == {"b": YRange(0, 2)}
    assert state.auto_y_all(both).y_ranges == {}


def test_freezing_y_keeps_what_every_visible_plot_shows() -> None:
    frozen = state.freeze_y(START, {"a": YRange(0, 1), "b": YRange(-2, 2)})
    assert frozen.y_ranges == {"a": YRange(0, 1), "b": YRange(-2, 2)}


def test_selecting_twice_unselects() -> None:
    once = state.toggle_selected(START, "a")
    assert once.selected == ("a",)
    assert state.toggle_selected(once, "a").selected == ()


def test_the_overlay_is_bounded_and_drops_what_was_chosen_first() -> None:
    view = START
    for i in range(state.MAX_OVERLAY + 1):
        view = state.toggle_selected(view, f"s{i}")
    assert len(view.selected) == state.MAX_OVERLAY
    assert "s0" not in view.selected
    assert view.selected[-1] == f"s{state.MAX_OVERLAY}"


def test_an_overlay_of_nothing_shows_the_first_streams() -> None:
    known = tuple(f"s{i}" for i in range(20))
    assert state.overlay_streams(START, known) == known[: state.FALLBACK_OVERLAY]


def test_the_overlay_is_in_display_order_and_forgets_streams_that_are_gone() -> None:
    view = state.toggle_selected(state.toggle_selected(state.toggle_selected(START, "z"), "b"), "a")
    assert state.overlay_streams(view, ("a", "b", "c")) == ("a", "b")


def test_what_was_chosen_for_a_stream_that_is_gone_is_forgotten() -> None:
    view = state.set_y(state.toggle_selected(state.toggle_selected(START, "gone"), "a"), "gone", YRange(0, 1))
    view = state.set_y(view, state.OVERLAY_KEY, YRange(0, 2))
    kept = state.keep_known(view, {"a", "b"})
    assert kept.selected == ("a",)
    assert kept.y_ranges == {state.OVERLAY_KEY: YRange(0, 2)}, "the large plot is no stream"
    assert state.keep_known(kept, {"a", "b"}) is kept


def test_escape_leaves_one_thing_at_a_time() -> None:
    view = state.toggle_page(state.toggle_overlay(state.toggle_selected(START, "a")), Page.HELP)
    view = state.escape(view)
    assert view.page is Page.NONE
    assert view.is_overlay
    view = state.escape(view)
    assert not view.is_overlay
    assert view.selected == ("a",)
    assert state.escape(view).selected == ()


def test_escape_leaves_the_wall_last() -> None:
    view = state.enlarge(state.toggle_wall(START), "a")
    view = state.escape(view)
    assert view.is_wall
    assert not view.is_overlay
    view = state.escape(view)
    assert view.selected == ()
    assert view.is_wall
    assert not state.escape(view).is_wall


def test_the_wall_is_in_the_place_of_the_grid_and_the_overlay_above_both() -> None:
    wall = state.toggle_wall(START)
    assert wall.is_wall
    assert not state.toggle_wall(wall).is_wall
    large = state.toggle_overlay(wall)
    assert state.toggle_wall(large) == wall, "from the large plot back to the wall, not to the grid"
    assert state.toggle_wall(state.toggle_overlay(START)) == wall


def test_to_enlarge_a_stream_keeps_those_that_are_selected() -> None:
    view = state.enlarge(state.toggle_selected(START, "b"), "a")
    assert view.selected == ("b", "a")
    assert view.is_overlay
    assert state.enlarge(view, "a") == view
