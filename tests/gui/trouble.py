"""Scenarios of the driver in which something goes away: streams, values that can be drawn, the window itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lablink_dpg.gui.toolkit import dpg
from lablink_dpg.query.frame import Frame, Trace
from lablink_dpg.query.view import View
from tests.gui.desktop import Desktop

if TYPE_CHECKING:  # the driver is the program that runs these
    from tests.gui.driver import Driver, Script


def vanishing(driver: Driver) -> Script:
    """Streams that the source forgets leave cards, selection and overlay; one that comes back is drawn again."""
    window, ids = driver.window, list(driver.source.ids)
    for index in (0, 3):
        area = driver.plot_area(index)
        yield from driver.click(area.x - 20, area.y - 24)
    assert driver.selected() == (ids[0], ids[3])
    yield from driver.press_button("y")
    driver.source.ids = ids[:3]
    yield from driver.pass_frames(30)
    assert [plot.key for plot in driver.frame.plots] == ids[:3]
    assert driver.selected() == (ids[0],)
    assert set(window.state.y_ranges) == set(ids[:3])
    yield from driver.key("o")
    driver.source.ids = ids[1:3]
    yield from driver.pass_frames(30)
    assert driver.selected() == ()
    assert {trace.request.stream for trace in driver.plot().traces} == set(ids[1:3]), "the first ones again"
    driver.source.ids = []
    yield from driver.pass_frames(30)
    assert not window.lines
    assert not window.state.y_ranges
    yield from driver.key("o")
    driver.source.ids = [ids[2]]
    yield from driver.pass_frames(30)
    assert [plot.key for plot in driver.frame.plots] == [ids[2]]


def old_notes(driver: Driver) -> Script:
    """How old a plot is stands clear of the names of its channels, which are at its upper edge."""
    index = 4  # one that has fallen silent
    item = driver.window.cards.card(index)._age.item
    for _ in range(400):
        if dpg.is_item_shown(item):
            break
        yield
    yield from driver.pass_frames(4)
    area = driver.plot_area(index)
    (left, top), (right, bottom) = dpg.get_item_rect_min(item), dpg.get_item_rect_max(item)
    assert area.y + area.height / 2 < top < bottom <= area.y + area.height
    assert area.x < left < right <= area.x + area.width


def with_traces(driver: Driver, change: Callable[[Trace], Trace]) -> None:
    """Every frame from now on has its traces changed."""
    good = driver.source.frame

    def changed(view: View) -> Frame:
        frame = good(view)
        plots = [plot._replace(traces=tuple(change(trace) for trace in plot.traces)) for plot in frame.plots]
        return replace(frame, plots=tuple(plots))

    driver.source.frame = changed  # type: ignore[method-assign]


def infinite(driver: Driver) -> Script:
    """Values that float32 cannot hold, alone and in a row, do no harm to the library."""

    def spoilt(trace: Trace) -> Trace:
        y = trace.y.copy()
        y[::7], y[3::11], y[-20:] = np.inf, -np.inf, np.inf
        return trace._replace(y=y)

    with_traces(driver, spoilt)
    yield from driver.pass_frames(30)


def full(driver: Driver) -> Script:
    """Plots without a free pixel at their right, of streams of which every second one has stopped coming."""

    def filled(trace: Trace) -> Trace:
        y = trace.y.copy()
        right = y[-y.size // 5 :]
        right[::2], right[1::2] = 1e4, -1e4
        return trace._replace(y=y, revision=-1, epoch=0)

    driver.window.actions.toggle_live()
    yield from driver.pass_frames(80)
    assert [line.is_old for line in driver.window.lines] == [False, True]
    area = driver.plot_area(1)
    on_note = area.x + area.width - 60, area.y + 10
    yield from driver.move(*on_note)
    hit = driver.window.hit(*on_note)
    assert hit is not None
    assert hit.kind == "plot", "the note is in nobody's way"
    held = driver.window.state.time
    yield from driver.drag(*on_note, 50, 0)
    assert driver.window.state.time != held
    with_traces(driver, filled)
    yield from driver.pass_frames(5)


def minimised(driver: Driver) -> Script:
    """A minimised window makes no frames, yet asks whether to stop; restored it goes on."""
    desktop, times = Desktop(driver.window_id()), driver.window.times
    desktop.minimise()
    yield from driver.pass_frames(1)  # the one that was due
    frames = times.frames
    started = time.monotonic()
    yield from driver.pass_frames(20)
    assert time.monotonic() - started < 5.0, "twenty turns of a sixtieth of a second"
    assert times.frames <= frames + 1
    desktop.restore()
    yield from driver.pass_frames(20)
    assert times.frames > frames + 10
    yield from driver.press_button("live")
    assert not driver.is_live()


def ended_minimised(driver: Driver) -> Script:
    yield from driver.pass_frames(10)
    Desktop(driver.window_id()).minimise()
    yield from driver.pass_frames(20)


def closed_minimised(driver: Driver) -> Script:
    desktop = Desktop(driver.window_id())
    yield from driver.pass_frames(20)
    desktop.minimise()
    yield from driver.pass_frames(20)
    desktop.close()
    while True:  # the run fails if that goes on for long
        yield
