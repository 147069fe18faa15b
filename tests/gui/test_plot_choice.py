"""What is drawn where: rules from state to state, and what a drop would do, said before it is done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lablink_dpg.gui import asking, plot_choice, state
from lablink_dpg.gui.density import Density
from lablink_dpg.gui.layout import Rect
from lablink_dpg.gui.pins import PinnedReading
from lablink_dpg.gui.plot_choice import MAX_CHANGED, MAX_EXTRAS, MAX_PINNED, Dragged, Offer, offer
from lablink_dpg.gui.state import OVERLAY_KEY, ViewState
from lablink_dpg.query.frame import ReadingLine, StreamLine
from lablink_dpg.query.view import TraceRequest

START = state.initial(1_000_000)
PIN = PinnedReading("s", "psu", "readings", "volts")
DEVICE = StreamLine("readings:psu", "PSU", ("volts", "amps"), 2.0, None, 0, 9)
READINGS = [ReadingLine("s", "psu", "readings", DEVICE)]
A = StreamLine("a", "Scope", ("CH1", "CH2"), 1.0, None, 0, 9)
B = StreamLine("b", "DAQ", ("CH1",), 1.0, None, 0, 9)
LINES = [A, B]
VOLTS = TraceRequest("readings:psu", "volts")


def at(view: ViewState, dragged: Dragged, kind: str | None, key: str = "") -> Offer:
    return offer(view, dragged, kind, key, LINES, READINGS)


def test_a_lane_of_the_wall_takes_no_other_lines() -> None:
    for dragged in (PIN, "b"):
        assert offer(START, dragged, "lane", "a", LINES, READINGS).after is None


@pytest.mark.parametrize("kind", ["plot", "header"])
def test_a_value_dropped_on_a_card_is_a_line_of_its_plot(kind: str) -> None:
    given = at(START, PIN, kind, "a")
    assert given.after is not None
    assert (given.text, given.key, dict(given.after.extras)) == ("add to Scope", "a", {"a": (VOLTS,)})
    view = asking.grid_view(given.after, LINES, Rect(0, 0, 300, 100), Density())
    own = (TraceRequest("a", "CH1"), TraceRequest("a", "CH2"))
    assert [plot.traces for plot in view.plots] == [(*own, VOLTS), (TraceRequest("b", "CH1"),)]


def test_a_card_dropped_on_another_brings_all_of_its_channels() -> None:
    after = at(START, "a", "plot", "b").after
    assert after is not None
    assert after.extras["b"] == (TraceRequest("a", "CH1"), TraceRequest("a", "CH2"))
    assert at(after, "a", "plot", "b") == Offer("DAQ shows it already", None)


@pytest.mark.parametrize(
    ("dragged", "kind", "key", "text"),
    [
        (PIN, None, "", "drop it on a plot"),
        ("a", "grid", "", "drop it on another card"),
        ("a", "plot", "a", "drop it on another card"),
        ("a", "plot", "gone", "drop it on another card"),
        (PIN._replace(equipment_id="new"), "plot", "a", "no value of it has come yet"),
    ],
)
def test_a_drop_that_would_do_nothing_says_what_to_do(dragged: Dragged, kind: str | None, key: str, text: str) -> None:
    assert at(START, dragged, kind, key) == Offer(text, None)


def test_a_value_dropped_on_free_ground_has_a_card_of_its_own_once() -> None:
    after = at(START, PIN, "grid").after
    assert after is not None
    assert after.pinned == (PIN,)
    assert at(after, PIN, "grid") == Offer("it has a card already", None)
    card = StreamLine(PIN.key, "PSU · volts", ("volts",), 2.0, None, 0, 9, source="readings:psu")
    view = asking.grid_view(after, [A, card], Rect(0, 0, 300, 100), Density())
    assert (view.plots[1].key, view.plots[1].traces) == (PIN.key, (VOLTS,))
    assert offer(after, PIN, "plot", PIN.key, [A, card], READINGS).after is None, "its own value is there already"


def test_a_value_dropped_on_the_overlay_is_drawn_beside_what_is_there() -> None:
    after = at(replace(START, is_overlay=True), PIN, "plot", OVERLAY_KEY).after
    assert after is not None
    assert after.selected == ("a", "b", PIN.key)
    assert after.pinned == (PIN,)
    again = at(after, PIN, "plot", OVERLAY_KEY)
    assert again == Offer("it is here already", None)
    card = StreamLine(PIN.key, "PSU · volts", ("volts",), 2.0, None, 0, 9, source="readings:psu")
    assert VOLTS in asking.overlay_view(after, [A, card], Rect(0, 0, 300, 100), Density()).plots[0].traces


def test_everything_that_is_chosen_is_bounded() -> None:
    view = START
    for number in range(MAX_PINNED + 5):
        view = plot_choice.toggle_pinned(view, PIN._replace(equipment_id=str(number)))
    assert len(view.pinned) == MAX_PINNED
    view = plot_choice.add_traces(START, "a", [TraceRequest("b", str(number)) for number in range(100)])
    assert len(view.extras["a"]) == MAX_EXTRAS
    assert at(view, PIN, "plot", "a") == Offer("Scope has no room for more", None)
    for number in range(MAX_CHANGED + 5):
        view = plot_choice.add_traces(view, f"plot {number}", [VOLTS])
    assert len(view.extras) == MAX_CHANGED


def test_what_was_added_can_be_taken_out_one_by_one_and_all_at_once() -> None:
    other = TraceRequest("b", "CH1")
    view = plot_choice.add_traces(START, "a", [VOLTS, other])
    assert plot_choice.remove_trace(view, "a", VOLTS).extras == {"a": (other,)}
    assert plot_choice.remove_trace(plot_choice.remove_trace(view, "a", VOLTS), "a", other).extras == {}
    assert plot_choice.clear_traces(view, "a").extras == {}


def test_a_card_that_is_taken_away_takes_what_was_added_to_it() -> None:
    view = plot_choice.add_traces(plot_choice.toggle_pinned(START, PIN), PIN.key, [TraceRequest("b", "CH1")])
    assert plot_choice.toggle_pinned(view, PIN) == START


def test_what_is_gone_for_good_is_forgotten_and_nothing_else() -> None:
    view = plot_choice.add_traces(plot_choice.toggle_pinned(START, PIN), "a", [VOLTS, TraceRequest("b", "CH1")])
    view = plot_choice.add_traces(view, "b", [VOLTS])
    assert plot_choice.forget(view, {"other"}) is view
    left = plot_choice.forget(view, {"readings:psu", PIN.key})
    assert (left.pinned, dict(left.extras)) == ((), {"a": (TraceRequest("b", "CH1"),)})
    assert plot_choice.forget(view, {"a", "b"}).extras == {}
