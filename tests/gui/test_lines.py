"""The words beside plots: values that have a card come after the streams, and are forgotten with their device."""

from __future__ import annotations

from dataclasses import replace

from lablink_dpg.gui import plot_choice, state
from lablink_dpg.gui.cadence import WORDS_EVERY_US
from lablink_dpg.gui.lines import Lines
from lablink_dpg.gui.pins import PinnedReading
from lablink_dpg.gui.state import ViewState
from lablink_dpg.model.link import LinkStatus, Mode
from lablink_dpg.query.frame import ReadingLine, StreamLine
from lablink_dpg.query.view import TraceRequest

PIN = PinnedReading("s", "psu", "readings", "volts")
STREAM = StreamLine("a", "Scope", ("CH1",), 1.0, None, 0, 9)
READING = ReadingLine("s", "psu", "readings", StreamLine("readings:psu", "PSU", ("volts",), 2.0, None, 0, 9))


class Source:
    def __init__(self) -> None:
        self.streams = [STREAM]
        self.readings = [READING]
        self.asked = 0

    def stream_lines(self) -> list[StreamLine]:
        return self.streams

    def reading_lines(self) -> list[ReadingLine]:
        self.asked += 1
        return self.readings


class Display:
    def __init__(self) -> None:
        self.source = Source()
        self.lines = Lines(self.source)  # type: ignore[arg-type]
        self.view: ViewState = state.initial(1_000_000)
        self.links: list[LinkStatus] = []
        self._now_us = 0

    def later(self) -> list[str]:
        self._now_us += WORDS_EVERY_US
        self.view = self.lines.refresh(self.view, self.links, self._now_us)
        return [line.name for line in self.lines.found]


def test_a_value_is_shown_at_once_after_the_streams_and_found_by_name() -> None:
    display = Display()
    assert display.later() == ["Scope"]
    assert display.source.asked == 0, "nobody asks for readings while none is drawn"
    display.view = plot_choice.toggle_pinned(display.view, PIN)
    display.view = display.lines.refresh(display.view, (), 1)
    assert [line.name for line in display.lines.found] == ["Scope", "PSU · volts"]
    assert display.lines.streams == [STREAM], "it is no stream"
    display.view = state.set_filter(display.view, "volts")
    assert display.later() == ["PSU · volts"]


def test_a_value_of_a_device_that_has_not_come_yet_waits_for_it() -> None:
    display = Display()
    display.source.readings = []
    display.view = plot_choice.add_traces(plot_choice.toggle_pinned(display.view, PIN), "b", [TraceRequest("z", "CH1")])
    assert display.later() == ["Scope", "psu · volts"]
    display.later()
    assert display.view.pinned == (PIN,)
    assert "b" in display.view.extras, "of a layout that was kept: its streams may still come"


def test_what_was_chosen_of_a_device_or_stream_that_is_gone_for_good_is_forgotten() -> None:
    display = Display()
    display.view = plot_choice.add_traces(
        plot_choice.toggle_pinned(display.view, PIN), "a", [TraceRequest("readings:psu", "volts")]
    )
    display.view = replace(display.view, selected=(PIN.key,))
    display.later()
    assert display.lines.names == {TraceRequest("readings:psu", "volts"): "PSU · volts"}
    display.source.readings = []
    assert display.later() == ["Scope"]
    assert (display.view.pinned, dict(display.view.extras), display.view.selected) == ((), {}, ())


def test_what_goes_with_its_server_comes_back_with_it() -> None:
    display = Display()
    display.links = [LinkStatus("s", Mode.HYBRID)]
    display.view = plot_choice.toggle_pinned(display.view, PIN)
    display.later()
    assert display.later() == ["Scope", "PSU · volts"]
    display.links = [LinkStatus("other", Mode.HYBRID)]
    display.source.readings = []
    display.later()
    display.later()
    assert display.view.pinned == (PIN,), "a person has changed the server, no device is gone"
    display.links = [LinkStatus("s", Mode.HYBRID)]
    display.source.readings = [READING]
    display.later()
    assert display.later() == ["Scope", "PSU · volts"]
    display.source.readings = []
    display.later()
    assert display.view.pinned == (), "this time its server has no such device any more"
